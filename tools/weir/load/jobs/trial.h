// Trial: one run of a search, and whether the server held its rate.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/report/report.h"
#include "tools/weir/load/stats/percentile_interval.h"

namespace weir::tools::load {

enum class TrialOutcome : std::uint8_t {
  held,      ///< every condition, at the whole rate
  failed,    ///< a condition does not hold, or the server is saturated, or answers were wrong
  doubtful,  ///< perhaps the generator's or the machine's doing; holds nothing
};

/// `held`, `failed`, `doubtful`: also the word in JSON.
[[nodiscard]] std::string_view to_text(TrialOutcome outcome) noexcept;

/// What is kept of a run: histograms would add up to megabytes.
struct Trial {
  double rate = 0;  ///< that was asked for
  std::chrono::nanoseconds duration{};
  TrialOutcome outcome = TrialOutcome::failed;
  Verdict verdict = Verdict::failed;  ///< of the run
  std::string_view verdict_word{};    ///< in JSON
  double answered_rate = 0;
  std::uint64_t answered = 0;
  double error_share = 0;
  std::optional<PercentileEstimate> p50{};  ///< of the primary latency; none: there was none
  std::optional<PercentileEstimate> p99{};
  std::vector<SloResult> slo{};
  std::string reason{};  ///< why it did not hold, or is not believed
  std::string remedy{};  ///< of a doubtful one
};

/// Not everything that makes a run untrusted makes its outcome doubtful:
///
/// - A run that was not steady still fails what it fails: a queue that grows all the time is no
///   steady state, and it is the server's.
/// - A run whose requests left late, or whose machine was busy, still holds what it holds: that can
///   only have added to the response times, which count from when the requests were due.
[[nodiscard]] Trial judge_trial(const LoadReport& report);

/// `  4 096/s  1.00 s  held      p50 61 us  p99 198 us`
[[nodiscard]] std::string trial_line(const Trial& trial, TextStyle style);

}  // namespace weir::tools::load
