#include "tools/weir/load/report/slo.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/common/nearest_match.h"
#include "tools/weir/common/scaled_number.h"
#include "tools/weir/load/plan/rate.h"
#include "tools/weir/load/report/report.h"
#include "tools/weir/load/stats/percentile_interval.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t terms_max = 64;

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

struct MetricName {
  std::string_view name;
  SloMetric metric;
};

constexpr std::array metric_names = {
    MetricName{"max", SloMetric::max},         MetricName{"mean", SloMetric::mean},
    MetricName{"err", SloMetric::error_share}, MetricName{"loss", SloMetric::loss_share},
    MetricName{"rate", SloMetric::rate},
};

std::optional<double> parse_percentile(std::string_view name) {
  if (!name.starts_with('p')) return std::nullopt;
  const auto number = split_scaled_number(name.substr(1));
  if (!number || !number->unit.empty() || number->number <= 0 || number->number >= 100) {
    return std::nullopt;
  }
  return number->number;
}

Checked<void> set_metric(std::string_view name, SloTerm& term) {
  for (const MetricName& known : metric_names) {
    if (known.name != name) continue;
    term.metric = known.metric;
    return {};
  }
  if (const auto percentile = parse_percentile(name)) {
    term.metric = SloMetric::percentile;
    term.percentile = *percentile;
    return {};
  }
  const std::vector<std::string> known = {"p50",  "p99", "p99.9", "max",
                                          "mean", "err", "loss",  "rate"};
  return usage_error(fmt::format("there is no metric \"{}\"{}", name, suggest(name, known)));
}

Checked<double> parse_share(std::string_view text) {
  const auto number = split_scaled_number(text);
  if (!number) {
    return usage_error(fmt::format("\"{}\" is not a share; write one such as 0.1%", text));
  }
  if (number->unit != "%") {
    return usage_error(fmt::format("\"{}\" has no unit; shares are in percent, such as {}%", text,
                                   number->number));
  }
  if (number->number > 100) return usage_error(fmt::format("\"{}\" is more than all", text));
  return number->number / 100;
}

Checked<double> parse_limit(SloMetric metric, std::string_view text) {
  switch (metric) {
    case SloMetric::percentile:
    case SloMetric::max:
    case SloMetric::mean: {
      const auto duration = parse_duration(text);
      if (!duration) return std::unexpected(duration.error());
      return static_cast<double>(duration->count());
    }
    case SloMetric::error_share:
    case SloMetric::loss_share:
      return parse_share(text);
    case SloMetric::rate:
      return parse_rate(text);
  }
  return usage_error("unknown metric");
}

Checked<SloTerm> parse_term(std::string_view text) {
  const std::size_t at = text.find_first_of("<>=");
  if (at == std::string_view::npos || text[at] == '=') {
    return usage_error(
        fmt::format("\"{}\" compares nothing; write <, <=, > or >=, as in p99<2ms", text));
  }
  const bool is_closed = at + 1 < text.size() && text[at + 1] == '=';
  SloTerm term{.text = std::string(text)};
  term.relation = text[at] == '<' ? (is_closed ? SloRelation::at_most : SloRelation::below)
                                  : (is_closed ? SloRelation::at_least : SloRelation::above);
  if (const auto known = set_metric(trimmed(text.substr(0, at)), term); !known) {
    return std::unexpected(known.error());
  }
  const std::string_view limit_text = trimmed(text.substr(at + (is_closed ? 2 : 1)));
  const auto limit = parse_limit(term.metric, limit_text);
  if (!limit) return usage_error(fmt::format("\"{}\": {}", text, limit.error().message));
  term.limit = *limit;
  return term;
}

bool holds(SloRelation relation, double value, double limit) noexcept {
  switch (relation) {
    case SloRelation::below:
      return value < limit;
    case SloRelation::at_most:
      return value <= limit;
    case SloRelation::above:
      return value > limit;
    case SloRelation::at_least:
      return value >= limit;
  }
  return false;
}

bool is_upper_limit(SloRelation relation) noexcept {
  return relation == SloRelation::below || relation == SloRelation::at_most;
}

/// None where nobody can know: without answers, and of a stream, which loses nothing.
std::optional<double> loss_share_of(const LoadReport& report) noexcept {
  if (!report.datagrams) return std::nullopt;
  const auto& counts = report.datagrams->counts;
  const std::uint64_t decided = counts.unique + counts.lost;
  if (decided == 0) return std::nullopt;
  return static_cast<double>(counts.lost) / static_cast<double>(decided);
}

/// The latency that a term is about.
CensoredValue latency_of(const SloTerm& term, const CensoredHistogram& latency) {
  if (term.metric == SloMetric::percentile) return latency.percentile(term.percentile);
  if (term.metric == SloMetric::max) return latency.max();
  const auto mean = static_cast<std::uint64_t>(latency.all().mean());
  return {.value = mean, .is_lower_bound = latency.censored_count() > 0, .upper_bound = {}};
}

SloResult judge_latency(const SloTerm& term, const CensoredHistogram& latency) {
  const CensoredValue known = latency_of(term, latency);
  SloResult result{.term = term, .value = static_cast<double>(known.value)};
  result.is_lower_bound = known.is_lower_bound;
  if (term.metric == SloMetric::percentile) {
    const auto estimate = estimate_percentile(latency, term.percentile, {});
    result.is_sparse = estimate && estimate->is_sparse();
  }
  // The least favourable value it may have; the lower bound is that for lower limits.
  std::optional<double> worst = result.value;
  if (known.is_lower_bound && is_upper_limit(term.relation)) {
    worst =
        known.upper_bound ? std::optional(static_cast<double>(*known.upper_bound)) : std::nullopt;
  }
  result.ok = !latency.empty() && worst && holds(term.relation, *worst, term.limit);
  return result;
}

SloResult judge(const SloTerm& term, const LoadReport& report) {
  SloResult result{.term = term};
  switch (term.metric) {
    case SloMetric::percentile:
    case SloMetric::max:
    case SloMetric::mean:
      return judge_latency(term, report.latency.primary());
    case SloMetric::error_share:
      result.value = error_share_of(report);
      break;
    case SloMetric::loss_share: {
      const auto loss = loss_share_of(report);
      result.value = loss.value_or(0);
      result.ok = loss && holds(term.relation, *loss, term.limit);
      return result;
    }
    case SloMetric::rate:
      result.value = rate_of(report);
      break;
  }
  result.ok = holds(term.relation, result.value, term.limit);
  return result;
}

}  // namespace

Checked<std::vector<SloTerm>> parse_slo(std::string_view text) {
  std::vector<SloTerm> terms;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view one = trimmed(text.substr(0, comma));
    if (one.empty()) {
      return usage_error("a condition is empty; write conditions such as p99<2ms,err<0.1%");
    }
    auto term = parse_term(one);
    if (!term) return std::unexpected(term.error());
    if (terms.size() == terms_max) {
      return usage_error(fmt::format("more than {} conditions", terms_max));
    }
    terms.push_back(*std::move(term));
    if (comma == std::string_view::npos) return terms;
    text.remove_prefix(comma + 1);
  }
}

std::vector<SloResult> judge_slo(const std::vector<SloTerm>& terms, const LoadReport& report) {
  std::vector<SloResult> results;
  results.reserve(terms.size());
  for (const SloTerm& term : terms) results.push_back(judge(term, report));
  return results;
}

}  // namespace weir::tools::load
