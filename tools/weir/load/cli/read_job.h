// From a parsed command line to a job: what it leaves open comes from the environment, then from
// the file that --config names.
#pragma once

#include <span>
#include <string>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/cli/parse.h"
#include "tools/weir/load/cli/validate.h"

namespace CLI {
class App;
}

namespace weir::tools::load {

/// A flag that the environment or the file sets, and that the job has no use for, is left out: one
/// file serves all jobs. One on the command line is refused.
///
/// CI=true in the environment stands for --strict, unless --allow-untrusted was given.
///
/// \param command  what `add_flags` returned, parsed
/// \param flags  what was given to `add_flags`
/// \param variables  of the environment, "NAME=VALUE" each
[[nodiscard]] Checked<JobOptions> read_job(CLI::App& command, RawFlags& flags,
                                           std::span<const std::string> variables);

}  // namespace weir::tools::load
