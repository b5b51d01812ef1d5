// The part of the JSON that a run with datagrams has beyond that of one with streams.
#pragma once

#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// What became of the datagrams. `report.datagrams` is there.
[[nodiscard]] Json datagrams_json(const LoadReport& report);

/// Who lost how many; null where nobody can know.
[[nodiscard]] Json loss_parts_json(const LossParts& parts);

/// The counters of the host before, after, and the difference, by the kernel's names.
[[nodiscard]] Json host_counters_json(const DatagramResult& result);

/// The other way, from a phase that has all three.
[[nodiscard]] DatagramResult datagrams_from_json(const Json& phase);

}  // namespace weir::tools::load
