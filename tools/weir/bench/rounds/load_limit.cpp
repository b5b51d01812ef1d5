#include "tools/weir/bench/rounds/load_limit.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir::tools::bench {
namespace {

/// Of the time: a processor with less has waited.
constexpr double busy_share_min = 0.9;

bool has_target_for_rate(const CaseSpec& spec) {
  return std::ranges::any_of(spec.compared, [](const ComparedMetric& it) {
    const CaseTargets& targets = it.targets;
    return it.metric == SuiteMetric::rate && (targets.default_over_raw || targets.own_over_raw ||
                                              targets.over_library || targets.over_write_each);
  });
}

bool is_limited_by_load(const ContenderResult& contender) {
  const double server_ns = contender.samples.median(SuiteMetric::cpu);
  const double load_ns = contender.samples.median(SuiteMetric::client_cpu);
  const double load_share = load_ns * contender.samples.median(SuiteMetric::rate) / 1e9;
  return server_ns > 0 && load_ns > server_ns && load_share >= busy_share_min;
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
  if (!std::ranges::all_of(result.contenders, is_limited_by_load)) return std::nullopt;
  return fmt::format(
      "the load is the limit: it needs more processor time a {} ({}) than each server it is put on "
      "({}), so the rate says what a server leaves the load",
      result.spec.unit, time_range_text(range_in(result, SuiteMetric::client_cpu)),
      time_range_text(range_in(result, SuiteMetric::cpu)));
}

}  // namespace weir::tools::bench
