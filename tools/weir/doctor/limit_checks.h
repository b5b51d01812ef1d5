// The single checks behind `examine_limits`, grouped by what they are about.
#pragma once

#include <string_view>
#include <vector>

#include "tools/weir/doctor/limits.h"

namespace weir::tools::doctor {

/// Resource limits and system call filter of this process.
[[nodiscard]] std::vector<LimitFinding> examine_process(const SystemFiles& files);
/// Settings of the network stack.
[[nodiscard]] std::vector<LimitFinding> examine_network(const SystemFiles& files);
/// Kernel, CPUs and memory.
[[nodiscard]] std::vector<LimitFinding> examine_machine(const SystemFiles& files);

/// For what could not be read.
[[nodiscard]] LimitFinding unknown_limit(std::string_view name, std::string_view path);

}  // namespace weir::tools::doctor
