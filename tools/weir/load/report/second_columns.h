// What a second of a run has, column by column, under the names that JSON and CSV give it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>

#include "tools/weir/load/report/second_series.h"

namespace weir::tools::load {

using SecondMember =
    std::variant<std::uint64_t SecondSummary::*, std::chrono::nanoseconds SecondSummary::*,
                 double SecondSummary::*>;

struct SecondColumn {
  std::string_view json_name;
  std::string_view csv_name;  ///< with its unit, where it has one
  SecondMember member;
  bool is_of_datagrams = false;  ///< streams lose nothing
};

inline constexpr std::array second_columns = {
    SecondColumn{"offered", "offered", &SecondSummary::offered},
    SecondColumn{"sent", "sent", &SecondSummary::sent},
    SecondColumn{"done", "answered", &SecondSummary::answered},
    SecondColumn{"err", "errors", &SecondSummary::errors},
    SecondColumn{"dropped", "dropped", &SecondSummary::dropped},
    SecondColumn{"in_flight", "in_flight", &SecondSummary::in_flight},
    SecondColumn{"queued", "queued", &SecondSummary::queued},
    SecondColumn{"p50", "p50_ns", &SecondSummary::p50},
    SecondColumn{"p90", "p90_ns", &SecondSummary::p90},
    SecondColumn{"p99", "p99_ns", &SecondSummary::p99},
    SecondColumn{"p999", "p99.9_ns", &SecondSummary::p999},
    SecondColumn{"max", "max_ns", &SecondSummary::max},
    SecondColumn{"lag_p99", "send_lag_p99_ns", &SecondSummary::send_lag_p99},
    SecondColumn{"cpu_gen", "generator_cpu_share", &SecondSummary::generator_cpu_share},
    SecondColumn{"steal", "steal_share", &SecondSummary::steal_share},
    SecondColumn{"lost", "lost", &SecondSummary::lost, true},
};

}  // namespace weir::tools::load
