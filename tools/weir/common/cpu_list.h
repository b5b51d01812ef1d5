// Lists of CPUs as the kernel and taskset write them: `0,2-3`.
#pragma once

#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "weir/core/runtime.h"

namespace weir::tools {

/// Numbers and ranges separated by commas, none twice. Keeps the order: shard i runs on the i-th.
/// Whether these CPUs exist is not looked up.
[[nodiscard]] Checked<CpuList> parse_cpu_list(std::string_view text);

/// The same notation, with ranges where numbers follow each other.
[[nodiscard]] std::string format_cpu_list(const CpuList& cpus);

}  // namespace weir::tools
