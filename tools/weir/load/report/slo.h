// What a run has to reach to pass: `p99<2ms,p99.9<10ms,err<0.1%,rate>=20k,loss<0.01%`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/usage_error.h"

namespace weir::tools::load {

struct LoadReport;

enum class SloMetric : std::uint8_t {
  percentile,   ///< p50, p99.9, ... of the primary latency, ns
  max,          ///< of the primary latency, ns
  mean,         ///< of the primary latency, ns
  error_share,  ///< err: of the requests that were due, all that were not answered rightly
  loss_share,   ///< loss: of the datagrams that were sent
  rate,         ///< right answers a second
};

enum class SloRelation : std::uint8_t { below, at_most, above, at_least };

/// One condition.
struct SloTerm {
  SloMetric metric = SloMetric::percentile;
  double percentile = 0;  ///< of `percentile`
  SloRelation relation = SloRelation::below;
  double limit = 0;  ///< ns, share of 1, or a second
  std::string text;  ///< as it was written
};

struct SloResult {
  SloTerm term;
  double value = 0;             ///< in the limit's unit
  bool is_lower_bound = false;  ///< censored samples: the true value is `value` or more
  bool is_sparse = false;       ///< a percentile that hangs on single samples
  bool ok = false;
};

/// Reads conditions between commas. Times and shares need their unit: `p99<2ms`, `err<0.1%`.
[[nodiscard]] Checked<std::vector<SloTerm>> parse_slo(std::string_view text);
/// A percentile that censored samples only bound from below fails `below` and `at_most` even where
/// its bound is within the limit, as it may be anything; so does one of no samples at all.
[[nodiscard]] std::vector<SloResult> judge_slo(const std::vector<SloTerm>& terms,
                                               const LoadReport& report);

}  // namespace weir::tools::load
