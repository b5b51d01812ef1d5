// What the program tells its caller. Scripts depend on these numbers: only add.
#pragma once

namespace weir::tools {

enum class ExitCode : int {
  done = 0,
  run_failed = 1,         ///< something went wrong while running; for `load`: errors were counted
  bad_usage = 2,          ///< the command line asks for something impossible; nothing was run
  nothing_succeeded = 3,  ///< `load`: not one request was answered
  slo_failed = 4,         ///< `load`: a condition of --slo does not hold
  aborted = 5,            ///< `load`: ended by --abort-on
  untrusted = 6,   ///< `load --strict`: the numbers may be the generator's; outranks `slo_failed`
  slower = 7,      ///< `load compare`, `bench compare`: the second is slower, beyond noise
  incomplete = 8,  ///< `bench compare`: the second lacks what the first has; see docs/benchmarks.md
  interrupted = 130,  ///< `load`: stopped by Ctrl-C (128 + SIGINT); the report is partial
  no_answer = 255,    ///< `exec`: no answer came; any other value may be the command's own
};

[[nodiscard]] constexpr int to_int(ExitCode code) noexcept { return static_cast<int>(code); }

}  // namespace weir::tools
