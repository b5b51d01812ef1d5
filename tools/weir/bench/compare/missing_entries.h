// What of an earlier result the later one lacks, whatever its entries are: cells, benchmarks.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace weir::tools::bench {

/// A sentence for each entry that was measured before and failed or is missing in the second.
/// \tparam Entry  with a `name` and a `failure`, empty if it was measured
template <typename Entry>
[[nodiscard]] std::vector<std::string> missing_entries(const std::vector<Entry>& before,
                                                       const std::vector<Entry>& after) {
  std::vector<std::string> missing;
  for (const Entry& old : before) {
    if (!old.failure.empty()) continue;
    const auto now = std::ranges::find(after, old.name, &Entry::name);
    if (now == after.end()) {
      missing.push_back(old.name + ": not measured now");
    } else if (!now->failure.empty()) {
      missing.push_back(fmt::format("{}: failed now: {}", old.name, now->failure));
    }
  }
  return missing;
}

}  // namespace weir::tools::bench
