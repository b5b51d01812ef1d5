// Two results of the micro benchmarks, as Google Benchmark writes them: which became slower?
//
//     micro_bench --benchmark_repetitions=5 --benchmark_out=FILE --benchmark_out_format=json
//
// What is compared is the processor time of a repetition or, of a benchmark that counts in real
// time (its name says so), that. It has nothing beside it to be a ratio to, so that a difference
// has to be large: clear_difference.h, and the medians more than a tenth apart.
//
// Aggregates (mean, median, ...) are not read: from them alone nobody knows what noise was.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "tools/weir/bench/compare/compare_results.h"
#include "tools/weir/bench/nagle/cell_metrics.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/load/stats/paired_comparison.h"

namespace weir::tools::bench {

/// With two their spread says nothing.
inline constexpr std::size_t micro_repetitions_min = 3;

struct StoredMicro {
  std::string name;              ///< as --only selects it
  std::string failure;           ///< empty: it was measured
  std::vector<double> times_ns;  ///< of each repetition
};

struct StoredMicros {
  std::vector<StoredMicro> benchmarks{};
  Settings settings{};
};

/// Whether Google Benchmark wrote that: neither a suite's result nor the study's, which have its
/// fields too.
[[nodiscard]] bool is_micros(const Json& json) noexcept;
/// The error is a sentence without a full stop. \param name  what it is, for the error
[[nodiscard]] std::expected<StoredMicros, std::string> micros_of(const Json& json,
                                                                 const std::string& name);

struct MicroChange {
  std::string name;
  Spread before{};
  Spread after{};
  std::size_t repetitions = 0;  ///< of the one that has fewer
  load::ComparisonVerdict verdict = load::ComparisonVerdict::no_difference_shown;

  [[nodiscard]] bool has_too_few_repetitions() const noexcept {
    return repetitions < micro_repetitions_min;
  }
};

/// Of the benchmarks that both have and that failed in neither, in the order of the first.
[[nodiscard]] std::vector<MicroChange> compare_micros(const StoredMicros& before,
                                                      const StoredMicros& after);
[[nodiscard]] bool is_slower(std::span<const MicroChange> changes) noexcept;
/// A line for each difference, how many show none, and how to get a verdict on the rest.
[[nodiscard]] std::string changes_text(std::span<const MicroChange> changes);

}  // namespace weir::tools::bench
