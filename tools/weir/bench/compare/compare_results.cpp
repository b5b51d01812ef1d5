#include "tools/weir/bench/compare/compare_results.h"

#include <algorithm>
#include <cmath>
#include <optional>

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
    if (twice.at("metric") == metric) return ratio_in(twice).noise();
  }
  return 0;
}

StoredCase case_in(const Json& one_case) {
  const auto text = [&](const char* key) { return one_case.at(key).get<std::string>(); };
  return {.suite = text("suite"),
          .name = text("suite") + "/" + text("name"),
          .description = fmt::format("{} {}: {}", text("suite"), text("name"), text("title")),
          .failure = one_case.value("failure", std::string())};
}

StoredResult parts_of(const Json& json) {
  StoredResult result{.settings = settings_in(json)};
  for (const Json& one_case : json.at("weir").at("cases")) {
    result.cases.push_back(case_in(one_case));
    for (const Json& comparison : one_case.at("comparisons")) {
      const auto numerator = comparison.at("numerator").get<std::string>();
      const auto denominator = comparison.at("denominator").get<std::string>();
      const auto metric = metric_of(comparison.at("metric").get<std::string>());
      const load::PairedRatio ratio = ratio_in(comparison);
      if (!metric || !(ratio.low > 0) || !(ratio.estimate > 0)) continue;
      if (role_in(one_case, numerator) != "weir" || role_in(one_case, denominator) != "raw") {
        continue;
      }
      result.ratios.push_back({.case_name = result.cases.back().name,
                               .numerator = numerator,
                               .denominator = denominator,
                               .metric = *metric,
                               .ratio = ratio,
                               .noise = noise_in(one_case, comparison.at("metric")),
                               .is_unstable = comparison.at("verdict") == "unstable"});
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
  if (change.change.pairs < load::comparison_rounds_min) return change;
  if (before.is_unstable || after.is_unstable) {
    change.verdict = load::ComparisonVerdict::unstable;
    return change;
  }
  const double needed = std::max({effect_min, before.noise, after.noise});
  if (std::abs(effect) <= half || std::abs(effect) <= needed) return change;
  const bool is_higher = effect > 0;
  const bool is_better = is_higher == (better_when(before.metric) == load::BetterWhen::higher);
  change.verdict = is_better ? load::ComparisonVerdict::faster : load::ComparisonVerdict::slower;
  return change;
}

bool is_of_one_weir(const StoredRatio& one, const StoredRatio& other) {
  return one.case_name == other.case_name && one.numerator == other.numerator &&
         one.metric == other.metric;
}

bool is_same(const StoredRatio& one, const StoredRatio& other) {
  return is_of_one_weir(one, other) && one.denominator == other.denominator;
}

/// Each weir and metric of a case of which nothing can be compared. The better raw loop may be
/// another one now: a ratio that is gone says nothing as long as one is left.
void add_missing_weirs(const StoredCase& in, const StoredResult& before, const StoredResult& after,
                       std::vector<std::string>& missing) {
  for (const StoredRatio& old : before.ratios) {
    if (old.case_name != in.name) continue;
    const bool is_left = std::ranges::any_of(before.ratios, [&](const StoredRatio& then) {
      return is_of_one_weir(then, old) &&
             std::ranges::any_of(after.ratios,
                                 [&](const StoredRatio& now) { return is_same(then, now); });
    });
    if (is_left) continue;
    std::string sentence = fmt::format("{}: {} of {} is not compared with a raw loop now", in.name,
                                       title_of(old.metric), old.numerator);
    if (std::ranges::find(missing, sentence) == missing.end()) {
      missing.push_back(std::move(sentence));
    }
  }
}

}  // namespace

Settings settings_in(const Json& json) {
  Settings settings;
  const auto keep = [&](const Json& object, const char* key, const char* title) {
    const auto found = object.find(key);
    if (found == object.end()) return;
    settings[title] = found->is_string() ? found->get<std::string>() : found->dump();
  };
  const Json context = json.value("context", Json::object());
  const Json machine = context.value("machine", Json::object());
  keep(machine, "cpu_model", "processor");
  keep(machine, "cpus_online", "processors online");
  keep(machine, "cpus_allowed", "processors allowed");
  keep(machine, "kernel_release", "kernel");
  keep(machine, "compiler", "compiler");
  keep(machine, "build", "build");
  keep(machine, "compiler_flags", "compiler flags");
  keep(machine, "libraries", "libraries");
  keep(context, "realtime", "real-time priority");
  keep(context, "effort", "effort");
  keep(context, "rounds", "rounds");
  keep(context, "precision", "precision");
  keep(context, "cell_ms", "cell of ms");
  return settings;
}

std::expected<StoredResult, std::string> result_of(const Json& json, const std::string& name) {
  const auto refuse = [&](const char* why) {
    return std::unexpected(fmt::format("{}: {}", name, why));
  };
  try {
    if (!json.is_object() || !json.contains("weir") ||
        json.at("weir").at("format") != "weir-bench-suite") {
      return refuse("that is no result of weir bench (-o DIR writes bench.json)");
    }
    return parts_of(json);
  } catch (const Json::exception&) {
    return refuse("the result is incomplete");
  }
}

std::vector<ResultChange> compare_results(const StoredResult& before, const StoredResult& after) {
  std::vector<ResultChange> changes;
  for (const StoredRatio& old : before.ratios) {
    const auto found =
        std::ranges::find_if(after.ratios, [&](const StoredRatio& it) { return is_same(old, it); });
    if (found != after.ratios.end()) changes.push_back(change_of(old, *found));
  }
  return changes;
}

std::vector<std::string> missing_results(const StoredResult& before, const StoredResult& after) {
  std::vector<std::string> missing;
  for (const StoredCase& old : before.cases) {
    if (!old.failure.empty()) continue;
    const auto found = std::ranges::find(after.cases, old.name, &StoredCase::name);
    if (found == after.cases.end()) {
      missing.push_back(old.name + ": not measured now");
    } else if (!found->failure.empty()) {
      missing.push_back(fmt::format("{}: failed now: {}", old.name, found->failure));
    } else {
      add_missing_weirs(old, before, after, missing);
    }
  }
  return missing;
}

std::vector<std::string> different_settings(const Settings& before, const Settings& after) {
  std::vector<std::string> sentences;
  for (const auto& [title, then] : before) {
    const auto now = after.find(title);
    const std::string value = now == after.end() ? "unknown" : now->second;
    if (value != then) sentences.push_back(fmt::format("{}: {} then, {} now", title, then, value));
  }
  return sentences;
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
    text +=
        fmt::format("    {:<11}{:<30}{:.3f} -> {:.3f}  {:<24}{}\n", title_of(one.before.metric),
                    fmt::format("{} / {}", one.before.numerator, one.before.denominator),
                    one.before.ratio.estimate, one.after.ratio.estimate, ratio_text(one.change),
                    one.change.pairs < load::comparison_rounds_min ? "too few rounds"
                                                                   : load::to_text(one.verdict));
  }
  return text;
}

}  // namespace weir::tools::bench
