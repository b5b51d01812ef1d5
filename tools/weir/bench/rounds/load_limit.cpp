#include "tools/weir/bench/rounds/load_limit.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir::tools::bench {
namespace {

bool has_target_for_rate(const CaseSpec& spec) {
  return std::ranges::any_of(spec.compared, [](const ComparedMetric& it) {
    const CaseTargets& targets = it.targets;
    return it.metric == SuiteMetric::rate &&
           (targets.default_over_raw || targets.own_over_raw || targets.over_library);
  });
}

struct Range {
  double low = 0;
  double high = 0;
};

Range range_in(const CaseResult& result, SuiteMetric metric) {
  Range range{.low = result.contenders.front().samples.median(metric)};
  for (const ContenderResult& contender : result.contenders) {
    range.low = std::min(range.low, contender.samples.median(metric));
    range.high = std::max(range.high, contender.samples.median(metric));
  }
  return range;
}

std::string time_range_text(const Range& ns) {
  return fmt::format("{:.1f} to {:.1f} us", ns.low / 1e3, ns.high / 1e3);
}

}  // namespace

std::optional<std::string> load_limit_note(const CaseResult& result) {
  if (result.contenders.empty() || !has_target_for_rate(result.spec)) return std::nullopt;
  const bool is_load_slower = std::ranges::all_of(result.contenders, [](const auto& it) {
    const double server = it.samples.median(SuiteMetric::cpu);
    return server > 0 && it.samples.median(SuiteMetric::client_cpu) > server;
  });
  if (!is_load_slower) return std::nullopt;
  return fmt::format(
      "the load is the limit: it needs more processor time a {} ({}) than each server it is put on "
      "({}), so the rate says what a server leaves the load",
      result.spec.unit, time_range_text(range_in(result, SuiteMetric::client_cpu)),
      time_range_text(range_in(result, SuiteMetric::cpu)));
}

}  // namespace weir::tools::bench
