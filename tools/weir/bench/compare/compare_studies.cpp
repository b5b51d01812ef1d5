#include "tools/weir/bench/compare/compare_studies.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/bench/compare/clear_difference.h"
#include "tools/weir/bench/compare/compare_results.h"

namespace weir::tools::bench {
namespace {

using load::ComparisonVerdict;

/// As in the study itself.
constexpr double median_ratio_min = 1.2;
/// With two their spread says nothing.
constexpr std::size_t study_rounds_min = 3;

/// Latency and cost. A flood has a rate instead of a latency.
constexpr std::array compared_metrics = {
    Metric::p50_us, Metric::messages_per_s, Metric::segments_per_message,
    Metric::sender_calls_per_message, Metric::sender_cpu_us_per_message};

bool is_compared(Metric metric, const StoredCell& cell) {
  if (metric == Metric::p50_us) return !cell.is_flood;
  return metric != Metric::messages_per_s || cell.is_flood;
}

Spread spread_of(const StoredCell& cell, Metric metric) {
  CellSummary summary;
  summary.rounds = cell.rounds;
  return summary.spread(metric);
}

ComparisonVerdict verdict_on(const CellChange& change) {
  return clear_difference(
      change.before, change.after,
      {.better = change.metric == Metric::messages_per_s ? load::BetterWhen::higher
                                                         : load::BetterWhen::lower,
       .median_ratio_min = median_ratio_min});
}

StoredCell cell_in(const Json& json) {
  StoredCell cell{.name = json.at("name").get<std::string>(),
                  .failure = json.value("failure", std::string()),
                  .is_trusted = json.at("trusted").get<bool>(),
                  .is_flood = json.at("answer_bytes") == 0 && json.at("interval_ns") == 0};
  for (const Json& round : json.at("rounds")) {
    CellMetrics& values = cell.rounds.emplace_back();
    for (const Metric metric : compared_metrics) {
      values[std::to_underlying(metric)] = round.at(std::string(to_text(metric))).get<double>();
    }
  }
  return cell;
}

}  // namespace

bool is_study(const Json& json) noexcept {
  if (!json.is_object()) return false;
  const auto suite = json.find("suite");
  return suite != json.end() && *suite == "nagle" && json.contains("cells");
}

std::expected<StoredStudy, std::string> study_of(const Json& json, const std::string& name) {
  StoredStudy study{.settings = settings_in(json)};
  try {
    for (const Json& cell : json.at("cells")) study.cells.push_back(cell_in(cell));
  } catch (const Json::exception&) {
    return std::unexpected(fmt::format("{}: the result is incomplete", name));
  }
  return study;
}

std::vector<CellChange> compare_studies(const StoredStudy& before, const StoredStudy& after) {
  std::vector<CellChange> changes;
  for (const StoredCell& old : before.cells) {
    const auto now = std::ranges::find(after.cells, old.name, &StoredCell::name);
    if (now == after.cells.end() || !old.is_trusted || !now->is_trusted) continue;
    if (std::min(old.rounds.size(), now->rounds.size()) < study_rounds_min) continue;
    for (const Metric metric : compared_metrics) {
      if (!is_compared(metric, old)) continue;
      CellChange change{.cell = old.name,
                        .metric = metric,
                        .before = spread_of(old, metric),
                        .after = spread_of(*now, metric)};
      change.verdict = verdict_on(change);
      changes.push_back(std::move(change));
    }
  }
  return changes;
}

bool is_slower(std::span<const CellChange> changes) noexcept {
  return std::ranges::any_of(
      changes, [](const CellChange& it) { return it.verdict == ComparisonVerdict::slower; });
}

std::string changes_text(std::span<const CellChange> changes) {
  std::string text = "\nCells then and now, medians [lowest round, highest]\n";
  std::size_t same = 0;
  for (const CellChange& one : changes) {
    if (one.verdict == ComparisonVerdict::no_difference_shown) {
      ++same;
      continue;
    }
    text += fmt::format("  {}\n    {:<27}{:.2f} [{:.2f}, {:.2f}] -> {:.2f} [{:.2f}, {:.2f}]  {}\n",
                        one.cell, to_text(one.metric), one.before.median, one.before.low,
                        one.before.high, one.after.median, one.after.low, one.after.high,
                        load::to_text(one.verdict));
  }
  return text + fmt::format("  {} of {} comparisons show no difference\n", same, changes.size());
}

}  // namespace weir::tools::bench
