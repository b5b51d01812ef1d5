// `weir load`: from raw flags to options, or to the one sentence that says what is wrong.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/cli/job.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/cli/parse.h"
#include "tools/weir/load/plan/rate.h"

namespace weir::tools::load {

/// A job, what it is about, and what each of its runs does.
struct JobOptions {
  Job job = Job::run;
  Options run;
  std::vector<double> rates{};                       ///< sweep
  RateRange range{.first = 100, .last = 1'000'000};  ///< find_max
  std::uint32_t rounds = 10;                         ///< compare
  std::vector<std::string> files{};                  ///< report
  bool judges_again = false;                         ///< report: by --slo, --strict
  bool allows_untrusted = false;                     ///< report: whatever the run said
};

/// Reads files that flags name, and resolves names.
[[nodiscard]] Checked<JobOptions> validate_job(const RawFlags& flags);

/// Of a single run.
[[nodiscard]] Checked<Options> validate(const RawFlags& flags);

}  // namespace weir::tools::load
