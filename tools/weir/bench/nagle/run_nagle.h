// `weir bench nagle`: runs the study, prints it and writes its files.
#pragma once

#include <string>

#include "tools/weir/bench/nagle/study.h"
#include "tools/weir/bench/options.h"
#include "tools/weir/common/exit_code.h"

namespace weir::tools::bench {

struct NagleRun {
  ExitCode code = ExitCode::done;
  StudyResult result{};  ///< without cells if nothing was selected
};

/// \param command  what a reader types to do the same
[[nodiscard]] NagleRun run_nagle(const Options& options, const std::string& machine,
                                 const std::string& command);

}  // namespace weir::tools::bench
