#include "tools/weir/bench/compare/compare_micros.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/bench/compare/clear_difference.h"

namespace weir::tools::bench {
namespace {

using load::ComparisonVerdict;

/// Where the linker puts a loop, which any change elsewhere moves, is worth several per cent of its
/// time, the same in each repetition, so that no number of them shows it (Mytkowicz et al.,
/// "Producing wrong data without doing anything obviously wrong!", ASPLOS 2009).
constexpr double micro_median_ratio_min = 1.1;

std::optional<double> nanoseconds_in(const Json& unit) {
  for (const auto& [name, length_ns] :
       {std::pair("ns", 1.0), std::pair("us", 1e3), std::pair("ms", 1e6), std::pair("s", 1e9)}) {
    if (unit == name) return length_ns;
  }
  return std::nullopt;
}

/// The clock that the benchmark itself asks for: one that waits for other threads has little
/// processor time of its own.
const char* time_field(std::string_view name) {
  const bool is_real = name.contains("/real_time") || name.contains("/manual_time");
  return is_real ? "real_time" : "cpu_time";
}

/// Adds one entry of `benchmarks`. Throws what `Json` does where it is incomplete.
void add_entry(StoredMicros& micros, const Json& entry) {
  const auto own_name = entry.at("name").get<std::string>();
  const auto name = entry.value("run_name", own_name);
  auto found = std::ranges::find(micros.benchmarks, name, &StoredMicro::name);
  if (found == micros.benchmarks.end()) {
    found = micros.benchmarks.insert(found, {.name = name, .failure = {}, .times_ns = {}});
  }
  if (entry.value("error_occurred", false)) {
    found->failure = entry.value("error_message", "no reason given");
    return;
  }
  if (entry.value("run_type", "iteration") != "iteration") return;
  const auto time = entry.at(time_field(name)).get<double>();
  if (const auto unit_ns = nanoseconds_in(entry.at("time_unit"))) {
    found->times_ns.push_back(time * *unit_ns);
  } else {
    found->failure = fmt::format("its time unit, {}, is not known", entry.at("time_unit").dump());
  }
}

Settings micro_settings_in(const Json& json, const StoredMicros& micros) {
  Settings settings;
  const Json context = json.value("context", Json::object());
  const auto keep = [&](const char* key, const char* title) {
    const auto found = context.find(key);
    if (found == context.end()) return;
    settings[title] = found->is_string() ? found->get<std::string>() : found->dump();
  };
  keep("host_name", "host");
  keep("num_cpus", "processors online");
  keep("cpu_scaling_enabled", "CPU scaling");
  keep("library_build_type", "build of Google Benchmark");
  std::size_t most = 0;
  for (const StoredMicro& one : micros.benchmarks) most = std::max(most, one.times_ns.size());
  settings["repetitions"] = std::to_string(most);
  return settings;
}

std::string micro_time_text(const Spread& spread) {
  return fmt::format("{:.4g} [{:.4g}, {:.4g}]", spread.median, spread.low, spread.high);
}

}  // namespace

bool is_micros(const Json& json) noexcept {
  if (!json.is_object() || json.contains("weir") || json.contains("suite")) return false;
  const auto benchmarks = json.find("benchmarks");
  return benchmarks != json.end() && benchmarks->is_array() && json.contains("context");
}

std::expected<StoredMicros, std::string> micros_of(const Json& json, const std::string& name) {
  StoredMicros micros;
  try {
    for (const Json& entry : json.at("benchmarks")) add_entry(micros, entry);
    micros.settings = micro_settings_in(json, micros);
  } catch (const Json::exception&) {
    return std::unexpected(fmt::format("{}: the result is incomplete", name));
  }
  return micros;
}

std::vector<MicroChange> compare_micros(const StoredMicros& before, const StoredMicros& after) {
  std::vector<MicroChange> changes;
  for (const StoredMicro& old : before.benchmarks) {
    const auto now = std::ranges::find(after.benchmarks, old.name, &StoredMicro::name);
    if (now == after.benchmarks.end() || !old.failure.empty() || !now->failure.empty()) continue;
    MicroChange change{.name = old.name,
                       .before = spread_of(old.times_ns),
                       .after = spread_of(now->times_ns),
                       .repetitions = std::min(old.times_ns.size(), now->times_ns.size())};
    if (!change.has_too_few_repetitions()) {
      change.verdict = clear_difference(change.before, change.after,
                                        {.median_ratio_min = micro_median_ratio_min});
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

bool is_slower(std::span<const MicroChange> changes) noexcept {
  return std::ranges::any_of(
      changes, [](const MicroChange& it) { return it.verdict == ComparisonVerdict::slower; });
}

std::string changes_text(std::span<const MicroChange> changes) {
  std::string text = "\nMicro benchmarks then and now, ns: medians [lowest repetition, highest]\n";
  std::size_t same = 0;
  std::size_t too_few = 0;
  for (const MicroChange& one : changes) {
    if (one.has_too_few_repetitions()) {
      ++too_few;
    } else if (one.verdict == ComparisonVerdict::no_difference_shown) {
      ++same;
    } else {
      text += fmt::format("  {:<44}{} -> {}  {}\n", one.name, micro_time_text(one.before),
                          micro_time_text(one.after), load::to_text(one.verdict));
    }
  }
  text += fmt::format("  {} of {} comparisons show no difference\n", same, changes.size());
  if (too_few > 0) {
    text += fmt::format(
        "  no verdict on {} of {}: one of the two has fewer than {} repetitions; measure with\n"
        "  --benchmark_repetitions={} or more, and not with --benchmark_report_aggregates_only\n",
        too_few, changes.size(), micro_repetitions_min, micro_repetitions_min);
  }
  return text;
}

}  // namespace weir::tools::bench
