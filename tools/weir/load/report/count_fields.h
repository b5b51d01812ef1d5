// The counts of requests and connections under the names that JSON gives them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tools/weir/load/engine/connection_counts.h"
#include "tools/weir/load/engine/request_counts.h"

namespace weir::tools::load {

template <typename Counts>
struct CountField {
  std::string_view name;
  std::uint64_t Counts::* value;
};

using RequestCountField = CountField<RequestCounts>;
using ConnectionCountField = CountField<ConnectionCounts>;

inline constexpr std::array request_count_fields = {
    RequestCountField{"offered", &RequestCounts::offered},
    RequestCountField{"dropped", &RequestCounts::dropped},
    RequestCountField{"expired", &RequestCounts::expired},
    RequestCountField{"unsent", &RequestCounts::unsent},
    RequestCountField{"unoffered", &RequestCounts::unoffered},
    RequestCountField{"sent", &RequestCounts::sent},
    RequestCountField{"answered", &RequestCounts::answered},
    RequestCountField{"failed", &RequestCounts::failed},
    RequestCountField{"timed_out", &RequestCounts::timed_out},
    RequestCountField{"pending", &RequestCounts::pending},
    RequestCountField{"lost", &RequestCounts::lost},
};

inline constexpr std::array connection_count_fields = {
    ConnectionCountField{"requested", &ConnectionCounts::requested},
    ConnectionCountField{"established", &ConnectionCounts::established},
    ConnectionCountField{"opened", &ConnectionCounts::opened},
    ConnectionCountField{"retired", &ConnectionCounts::retired},
    ConnectionCountField{"broken", &ConnectionCounts::broken},
    ConnectionCountField{"idle_requested", &ConnectionCounts::idle_requested},
    ConnectionCountField{"idle_established", &ConnectionCounts::idle_established},
    ConnectionCountField{"idle_broken", &ConnectionCounts::idle_broken},
};

}  // namespace weir::tools::load
