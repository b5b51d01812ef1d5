// Which flags mean something to which job.
#pragma once

#include <string_view>

#include "tools/weir/load/cli/job.h"

namespace weir::tools::load {

/// \param flag  its long name without dashes: "reqs-per-conn"
[[nodiscard]] bool job_takes(Job job, std::string_view flag) noexcept;

}  // namespace weir::tools::load
