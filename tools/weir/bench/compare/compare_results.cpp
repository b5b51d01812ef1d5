#include "tools/weir/bench/compare/compare_results.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/bench/report/suite_text.h"

namespace weir::tools::bench {
namespace {

constexpr double effect_min = 0.02;

std::optional<SuiteMetric> metric_of(const std::string& word) {
  for (std::size_t i = 0; i < suite_metric_count; ++i) {
    if (to_text(static_cast<SuiteMetric>(i)) == word) return static_cast<SuiteMetric>(i);
  }
  return std::nullopt;
}

load::PairedRatio ratio_in(const Json& json) {
  return {.estimate = json.at("ratio").get<double>(),
          .low = json.at("low").get<double>(),
          .high = json.at("high").get<double>(),
          .pairs = json.at("pairs").get<std::size_t>()};
}

std::string role_in(const Json& one_case, const std::string& contender) {
  for (const Json& it : one_case.at("contenders")) {
    if (it.at("name") == contender) return it.at("role").get<std::string>();
  }
  return {};
}

double noise_in(const Json& one_case, const Json& metric) {
  for (const Json& twice : one_case.at("no_change")) {
    if (twice.at("metric") == metric) return ratio_in(twice).half_width();
  }
  return 0;
}

StoredResult ratios_in(const Json& json) {
  StoredResult result;
  for (const Json& one_case : json.at("weir").at("cases")) {
    for (const Json& comparison : one_case.at("comparisons")) {
      const auto numerator = comparison.at("numerator").get<std::string>();
      const auto denominator = comparison.at("denominator").get<std::string>();
      const auto metric = metric_of(comparison.at("metric").get<std::string>());
      const load::PairedRatio ratio = ratio_in(comparison);
      if (!metric || !(ratio.low > 0) || !(ratio.estimate > 0)) continue;
      if (role_in(one_case, numerator) != "weir" || role_in(one_case, denominator) != "raw") {
        continue;
      }
      result.push_back({.case_name = one_case.at("suite").get<std::string>() + "/" +
                                     one_case.at("name").get<std::string>(),
                        .numerator = numerator,
                        .denominator = denominator,
                        .metric = *metric,
                        .ratio = ratio,
                        .noise = noise_in(one_case, comparison.at("metric"))});
    }
  }
  return result;
}

/// Half of the interval's width, of the logarithm.
double log_half_width(const load::PairedRatio& ratio) {
  return (std::log(ratio.high) - std::log(ratio.low)) / 2;
}

ResultChange change_of(const StoredRatio& before, const StoredRatio& after) {
  ResultChange change{.before = before, .after = after};
  const double effect = std::log(after.ratio.estimate / before.ratio.estimate);
  // Two runs know nothing of each other: their variances add up.
  const double half = std::hypot(log_half_width(before.ratio), log_half_width(after.ratio));
  change.change = {.estimate = std::exp(effect),
                   .low = std::exp(effect - half),
                   .high = std::exp(effect + half),
                   .pairs = std::min(before.ratio.pairs, after.ratio.pairs)};
  const double needed = std::max({effect_min, before.noise, after.noise});
  if (std::abs(effect) <= half || std::abs(effect) <= needed) return change;
  const bool is_higher = effect > 0;
  const bool is_better = is_higher == (better_when(before.metric) == load::BetterWhen::higher);
  change.verdict = is_better ? load::ComparisonVerdict::faster : load::ComparisonVerdict::slower;
  return change;
}

}  // namespace

std::expected<StoredResult, std::string> result_of(const Json& json, const std::string& name) {
  const auto refuse = [&](const char* why) {
    return std::unexpected(fmt::format("{}: {}", name, why));
  };
  try {
    if (!json.is_object() || !json.contains("weir") ||
        json.at("weir").at("format") != "weir-bench-suite") {
      return refuse("that is no result of weir bench (-o DIR writes bench.json)");
    }
    return ratios_in(json);
  } catch (const Json::exception&) {
    return refuse("the result is incomplete");
  }
}

std::expected<StoredResult, std::string> read_result(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return result_of(Json::parse(text.str(), nullptr, /*allow_exceptions=*/false), path);
}

std::vector<ResultChange> compare_results(const StoredResult& before, const StoredResult& after) {
  std::vector<ResultChange> changes;
  for (const StoredRatio& old : before) {
    const auto found = std::ranges::find_if(after, [&](const StoredRatio& it) {
      return it.case_name == old.case_name && it.numerator == old.numerator &&
             it.denominator == old.denominator && it.metric == old.metric;
    });
    if (found != after.end()) changes.push_back(change_of(old, *found));
  }
  return changes;
}

bool is_slower(std::span<const ResultChange> changes) noexcept {
  return std::ranges::any_of(changes, [](const ResultChange& it) {
    return it.verdict == load::ComparisonVerdict::slower;
  });
}

std::string changes_text(std::span<const ResultChange> changes) {
  std::string text = "\nThen and now, each as a ratio within its own run; change [95 %]\n";
  std::string case_name;
  for (const ResultChange& one : changes) {
    if (one.before.case_name != case_name) text += fmt::format("  {}\n", one.before.case_name);
    case_name = one.before.case_name;
    text += fmt::format("    {:<11}{:<30}{:.3f} -> {:.3f}  {:<24}{}\n", title_of(one.before.metric),
                        fmt::format("{} / {}", one.before.numerator, one.before.denominator),
                        one.before.ratio.estimate, one.after.ratio.estimate, ratio_text(one.change),
                        load::to_text(one.verdict));
  }
  return text;
}

}  // namespace weir::tools::bench
