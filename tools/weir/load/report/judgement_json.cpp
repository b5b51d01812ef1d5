#include "tools/weir/load/report/judgement_json.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tools/weir/load/report/json_fields.h"
#include "tools/weir/load/report/optional_json.h"

namespace weir::tools::load {
namespace {

std::string_view unit_of(SloMetric metric) noexcept {
  switch (metric) {
    case SloMetric::percentile:
    case SloMetric::max:
    case SloMetric::mean:
      return "ns";
    case SloMetric::error_share:
    case SloMetric::loss_share:
      return "ratio";
    case SloMetric::rate:
      return "per_s";
  }
  return {};
}

std::optional<TrustRule> find_rule(std::string_view word) {
  for (auto i = static_cast<int>(TrustRule::offered_rate);
       i <= static_cast<int>(TrustRule::nagle_stalls); ++i) {
    const auto rule = static_cast<TrustRule>(i);
    if (to_text(rule) == word) return rule;
  }
  return std::nullopt;
}

}  // namespace

Json trust_json(const LoadReport& report) {
  Json checks = Json::array();
  for (const TrustCheck& check : report.trust) {
    checks.push_back({{"check", to_text(check.rule)},
                      {"ok", check.ok},
                      {"weight", check.weight == TrustWeight::veto ? "veto" : "note"},
                      {"value", check.value},
                      {"limit", check.limit},
                      {"unit", check.unit},
                      {"text", check.text},
                      {"remedy", check.remedy}});
  }
  return checks;
}

Json slo_json(const std::vector<SloResult>& results) {
  Json json = Json::array();
  for (const SloResult& result : results) {
    json.push_back({{"expr", result.term.text},
                    {"ok", result.ok},
                    {"value", result.value},
                    {"is_lower_bound", result.is_lower_bound},
                    {"is_sparse", result.is_sparse},
                    {"limit", result.term.limit},
                    {"unit", unit_of(result.term.metric)}});
  }
  return json;
}

Json host_json(const HostUse& host) {
  return {{"steal_share", or_null(host.steal_share)},
          {"cpu_pressure_share", or_null(host.cpu_pressure_share)},
          {"shard_busy_shares", host.shard_busy_shares},
          {"seconds_busy_share", host.seconds_busy_share},
          {"server_pid", or_null(host.server_pid)},
          {"server_cpu_share", or_null(host.server_cpu_share)},
          {"shares_cpus", or_null(host.shares_cpus)}};
}

Json kernel_json(const HostUse& host) {
  Json counters = Json::object();
  for (const KernelCounterChange& counter : host.counters) {
    counters[counter.name] = counter.change;
  }
  return counters;
}

std::vector<TrustCheck> trust_from_json(const Json& json) {
  std::vector<TrustCheck> checks;
  for (const Json& one : json) {
    const auto rule = find_rule(text_of(field(one, "check")));
    if (!rule) continue;
    checks.push_back(
        {.rule = *rule,
         .ok = bool_of(field(one, "ok")),
         .weight = text_of(field(one, "weight")) == "note" ? TrustWeight::note : TrustWeight::veto,
         .value = double_of(field(one, "value")),
         .limit = double_of(field(one, "limit")),
         .unit = text_of(field(one, "unit")),
         .text = text_of(field(one, "text")),
         .remedy = text_of(field(one, "remedy"))});
  }
  return checks;
}

std::vector<SloResult> slo_from_json(const Json& json) {
  std::vector<SloResult> results;
  for (const Json& one : json) {
    const auto terms = parse_slo(text_of(field(one, "expr")));
    if (!terms || terms->size() != 1) continue;
    results.push_back({.term = terms->front(),
                       .value = double_of(field(one, "value")),
                       .is_lower_bound = bool_of(field(one, "is_lower_bound")),
                       .is_sparse = bool_of(field(one, "is_sparse")),
                       .ok = bool_of(field(one, "ok"))});
  }
  return results;
}

HostUse host_from_json(const Json& host, const Json& kernel) {
  HostUse use;
  if (const Json& share = field(host, "steal_share"); share.is_number()) {
    use.steal_share = double_of(share);
  }
  use.has_counters = kernel.is_object();
  if (const Json& share = field(host, "cpu_pressure_share"); share.is_number()) {
    use.cpu_pressure_share = double_of(share);
  }
  for (const Json& share : field(host, "shard_busy_shares")) {
    use.shard_busy_shares.push_back(double_of(share));
  }
  use.seconds_busy_share = double_of(field(host, "seconds_busy_share"));
  if (const Json& pid = field(host, "server_pid"); pid.is_number()) {
    use.server_pid = static_cast<int>(std::min<std::uint64_t>(count_of(pid), INT32_MAX));
  }
  if (const Json& share = field(host, "server_cpu_share"); share.is_number()) {
    use.server_cpu_share = double_of(share);
  }
  if (const Json& shares = field(host, "shares_cpus"); shares.is_boolean()) {
    use.shares_cpus = bool_of(shares);
  }
  if (!kernel.is_object()) return use;
  for (const auto& [name, change] : kernel.items()) {
    use.counters.push_back({.name = name, .change = count_of(change)});
  }
  return use;
}

}  // namespace weir::tools::load
