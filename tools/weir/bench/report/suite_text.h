// The result of a suite as text for a terminal.
#pragma once

#include <string>

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

/// A case: a line for each contender, a line for each ratio.
[[nodiscard]] std::string case_text(const CaseResult& result);

/// What holds over all cases: means, and what was left out.
[[nodiscard]] std::string summary_text(const SuiteResult& result);

/// `1.03 [0.99, 1.07]`
[[nodiscard]] std::string ratio_text(const load::PairedRatio& ratio);

/// How a comparison stands: `<= 1.05: met`; without a target `faster`, `slower`, ...
[[nodiscard]] std::string standing_text(const SuiteComparison& comparison);

/// `, <= 0.87: met`; empty without a target.
[[nodiscard]] std::string mean_standing(const SuiteMean& mean);

/// `CPU a request`, `rate of requests`
[[nodiscard]] std::string metric_text(SuiteMetric metric, const std::string& unit);

/// `weir_uring / raw_epoll`, with `*` if that is the better raw loop.
[[nodiscard]] std::string pair_text(const SuiteComparison& comparison);

/// How the medians of the weirs stand to the absolute limits of their case, a sentence each.
[[nodiscard]] std::vector<std::string> limit_sentences(const CaseResult& result);

/// Half of an A/A interval above which ratios say little.
inline constexpr double noise_max = 0.05;

}  // namespace weir::tools::bench
