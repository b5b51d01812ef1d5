// The result of a suite as text for a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/rounds/suite_result.h"
#include "tools/weir/bench/rounds/target_verdict.h"

namespace weir::tools::bench {

/// A case: a line for each contender, a line for each ratio.
[[nodiscard]] std::string case_text(const CaseResult& result);

/// `4 cases, 8 rounds`, `3 cases (1 failed), 8 rounds`: what a mean is over.
[[nodiscard]] std::string cases_text(const SuiteMean& mean);
/// `8 rounds of 150 ms`, `up to 24 rounds of 500 ms, until 2%`
[[nodiscard]] std::string rounds_text(const SuiteResult& result);
/// What holds over all cases: means, and what was left out.
[[nodiscard]] std::string summary_text(const SuiteResult& result);

/// `1.03 [0.99, 1.07]`
[[nodiscard]] std::string ratio_text(const load::PairedRatio& ratio);

/// `faster`, `slower`, `no difference shown`, `unstable`, `too few rounds`.
[[nodiscard]] std::string_view verdict_text(const SuiteComparison& comparison) noexcept;

/// How a comparison stands, to the other and to the target: `slower; <= 1.05: missed`; without a
/// target `slower` alone; without a verdict `<= 1.05: too few rounds`.
[[nodiscard]] std::string standing_text(const SuiteComparison& comparison);

/// What A/A says of the rounds: `too few rounds`, `unstable: ...`, or nothing.
[[nodiscard]] std::string noise_text(const SuiteComparison& twice);

/// `CPU a request`, `rate of requests`
[[nodiscard]] std::string metric_text(SuiteMetric metric, const std::string& unit);

/// `weir_uring / raw_epoll`, with `*` if that is the better raw loop.
[[nodiscard]] std::string pair_text(const SuiteComparison& comparison);

/// `weir_epoll: memory 937.0, at most 1024 wanted: met`
[[nodiscard]] std::string limit_sentence(const JudgedLimit& limit);

/// How the medians of the weirs stand to the absolute limits of their case, a sentence each.
[[nodiscard]] std::vector<std::string> limit_sentences(const CaseResult& result);

}  // namespace weir::tools::bench
