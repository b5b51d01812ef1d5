// Runs the cases of all suites of servers that were asked for, one after the other.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "tools/weir/bench/options.h"
#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

/// What a suite tells while it runs.
struct SuiteEvents {
  /// Before each measurement.
  std::function<void(const CaseSpec&, unsigned round, unsigned rounds, std::string_view who)> cell;
  /// After each case.
  std::function<void(const CaseResult&)> done;
};

/// The error says why nothing could be measured. Pins the calling thread to the client's processor.
[[nodiscard]] std::expected<SuiteResult, std::string> run_suites(const Options& options,
                                                                 const SuiteEvents& events);

/// How a case is selected by --only: `echo 64B-c64-d1: 64 B, 64 connections, depth 1`.
[[nodiscard]] std::string describe(const CaseSpec& spec);

}  // namespace weir::tools::bench
