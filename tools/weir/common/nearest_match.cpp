#include "tools/weir/common/nearest_match.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace weir::tools {
namespace {

constexpr std::size_t shared_prefix_min = 4;
constexpr std::size_t contained_min = 3;

/// Optimal string alignment distance: three rolling rows of the usual table.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string_view without_dashes(std::string_view word) noexcept {
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  return word;
}

bool is_close(std::string_view word, std::string_view candidate, std::size_t distance) {
  word = without_dashes(word);
  candidate = without_dashes(candidate);
  if (distance <= std::max<std::size_t>(1, word.size() / 3) && distance < candidate.size()) {
    return true;
  }
  const std::string_view prefix = candidate.substr(0, shared_prefix_min);
  if (prefix.size() == shared_prefix_min && word.starts_with(prefix)) return true;
  return word.size() >= contained_min && candidate.find(word) != std::string_view::npos;
}

}  // namespace

std::optional<std::string_view> nearest_match(std::string_view word,
                                              std::span<const std::string> known) {
  std::optional<std::string_view> nearest;
  std::size_t least = 0;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (!is_close(word, candidate, distance)) continue;
    if (nearest && distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

std::string suggest(std::string_view word, std::span<const std::string> known) {
  if (const auto nearest = nearest_match(word, known)) {
    return fmt::format("; did you mean \"{}\"?", *nearest);
  }
  std::string all;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i > 0) all += i + 1 == known.size() ? " and " : ", ";
    all += known[i];
  }
  return fmt::format("; known are {}", all);
}

}  // namespace weir::tools
