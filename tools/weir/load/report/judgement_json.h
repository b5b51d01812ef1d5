// What a run is judged by, as JSON: trust checks, conditions, what the host and the kernel did.
#pragma once

#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

[[nodiscard]] Json trust_json(const LoadReport& report);
[[nodiscard]] Json slo_json(const std::vector<SloResult>& results);
[[nodiscard]] Json host_json(const HostUse& host);
/// Counters that moved, by the kernel's names.
[[nodiscard]] Json kernel_json(const HostUse& host);

/// The other way. Rules that this program does not know are left out.
[[nodiscard]] std::vector<TrustCheck> trust_from_json(const Json& json);
[[nodiscard]] std::vector<SloResult> slo_from_json(const Json& json);
[[nodiscard]] HostUse host_from_json(const Json& host, const Json& kernel);

}  // namespace weir::tools::load
