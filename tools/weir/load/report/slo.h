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
  double value = 0;
  bool ok = false;
};

[[nodiscard]] Checked<std::vector<SloTerm>> parse_slo(std::string_view text);
/// A percentile that is only known from below (censored samples) fails `below` and `at_most` if its
/// bound does not already exceed the limit, too: it may be anything.
[[nodiscard]] std::vector<SloResult> judge_slo(const std::vector<SloTerm>& terms,
                                               const LoadReport& report);

}  // namespace weir::tools::load
