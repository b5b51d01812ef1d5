#include "tools/weir/bench/rounds/load_limit.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

}  // namespace

std::optional<std::string> load_limit_note(const CaseResult& result) {
  if (!has_target_for_rate(result.spec)) return std::nullopt;
  std::vector<std::string> names;
  for (const ContenderResult& contender : result.contenders) {
    if (is_limited_by_load(contender)) names.push_back(contender.spec.name);
  }
  if (names.empty()) return std::nullopt;
  return fmt::format(
      "beside {} the load is the limit: it has no processor time left and needs more of it a {} "
      "than they do, so their rates say what they leave it",
      fmt::join(names, ", "), result.spec.unit);
}

}  // namespace weir::tools::bench
