#include "tools/weir/bench/compare/stored.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <span>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/bench/compare/missing_entries.h"

namespace weir::tools::bench {
namespace {

void select(StoredResult& result, const Options& options) {
  const auto is_selected = [&](const StoredCase& it) {
    return options.selects(it.description) && std::ranges::any_of(options.suites, [&](Suite suite) {
             return to_text(suite) == it.suite;
           });
  };
  std::erase_if(result.cases, [&](const StoredCase& it) { return !is_selected(it); });
  std::erase_if(result.ratios, [&](const StoredRatio& it) {
    return !options.admits(it.numerator) || !options.admits(it.denominator) ||
           std::ranges::find(result.cases, it.case_name, &StoredCase::name) == result.cases.end();
  });
}

void select(StoredStudy& study, const Options& options) {
  std::erase_if(study.cells, [&](const StoredCell& it) { return !options.selects(it.name); });
}

void select(StoredMicros& micros, const Options& options) {
  std::erase_if(micros.benchmarks,
                [&](const StoredMicro& it) { return !options.selects(it.name); });
}

/// What two results of a kind come to.
struct Comparisons {
  std::string text;  ///< empty: they have none in common
  bool is_any_slower;
  std::vector<std::string> missing;
};

Comparisons compare(const StoredResult& before, const StoredResult& after) {
  const std::vector<ResultChange> changes = compare_results(before, after);
  return {.text = changes.empty() ? std::string() : changes_text(changes),
          .is_any_slower = is_slower(changes),
          .missing = missing_results(before, after)};
}

Comparisons compare(const StoredStudy& before, const StoredStudy& after) {
  const std::vector<CellChange> changes = compare_studies(before, after);
  return {.text = changes.empty() ? std::string() : changes_text(changes),
          .is_any_slower = is_slower(changes),
          .missing = missing_entries(before.cells, after.cells)};
}

Comparisons compare(const StoredMicros& before, const StoredMicros& after) {
  const std::vector<MicroChange> changes = compare_micros(before, after);
  return {.text = changes.empty() ? std::string() : changes_text(changes),
          .is_any_slower = is_slower(changes),
          .missing = missing_entries(before.benchmarks, after.benchmarks)};
}

template <typename Kind>
ExitCode print(const Kind& before, const Kind& after) {
  const Comparisons found = compare(before, after);
  if (found.text.empty() && found.missing.empty()) {
    fmt::print(stderr, "weir bench: the two results have no comparison in common\n");
    return ExitCode::bad_usage;
  }
  fmt::print("{}", found.text);
  for (const std::string& sentence : found.missing) fmt::print("  MISSING {}\n", sentence);
  for (const std::string& sentence : different_settings(before.settings, after.settings)) {
    fmt::print(stderr, "weir bench: warning: {}\n", sentence);
  }
  if (found.is_any_slower) return ExitCode::slower;
  return found.missing.empty() ? ExitCode::done : ExitCode::incomplete;
}

}  // namespace

std::expected<Stored, std::string> stored_of(const Json& json, const std::string& name) {
  if (is_study(json)) return study_of(json, name);
  if (is_micros(json)) return micros_of(json, name);
  return result_of(json, name);
}

std::expected<Stored, std::string> read_stored(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return stored_of(Json::parse(text.str(), nullptr, /*allow_exceptions=*/false), path);
}

void keep_selected(Stored& stored, const Options& options) {
  std::visit([&](auto& it) { select(it, options); }, stored);
}

std::string_view kind_of(const Stored& stored) noexcept {
  if (std::holds_alternative<StoredStudy>(stored)) return "the Nagle study";
  return std::holds_alternative<StoredMicros>(stored) ? "micro benchmarks" : "suites";
}

ExitCode print_comparison(const Stored& before, const Stored& after) {
  if (before.index() != after.index()) {
    fmt::print(stderr, "weir bench: one result is of {}, the other of {}: nothing to compare\n",
               kind_of(before), kind_of(after));
    return ExitCode::bad_usage;
  }
  return std::visit(
      [&]<typename Kind>(const Kind& then) { return print(then, std::get<Kind>(after)); }, before);
}

}  // namespace weir::tools::bench
