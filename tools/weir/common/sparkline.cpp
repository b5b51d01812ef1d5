#include "tools/weir/common/sparkline.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <vector>

namespace weir::tools {
namespace {

constexpr std::array<std::string_view, sparkline_levels> heights = {"▁", "▂", "▃", "▄",
                                                                    "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, sparkline_levels> digits = {"1", "2", "3", "4",
                                                                   "5", "6", "7", "8"};

/// `columns` averages of about equally many neighbours.
std::vector<double> squeeze(std::span<const std::uint64_t> values, std::size_t columns) {
  const std::size_t cells = std::min(values.size(), columns);
  std::vector<double> averages;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const std::size_t first = cell * values.size() / cells;
    const std::size_t end = (cell + 1) * values.size() / cells;
    const auto part = values.subspan(first, end - first);
    averages.push_back(std::accumulate(part.begin(), part.end(), 0.0) /
                       static_cast<double>(part.size()));
  }
  return averages;
}

}  // namespace

std::string draw_sparkline(std::span<const std::uint64_t> values, std::size_t columns,
                           TextStyle style) {
  if (!style.utf8 || values.empty()) return {};
  const auto cells = squeeze(values, columns);
  const double most = *std::max_element(cells.begin(), cells.end());
  std::string line;
  for (const double cell : cells) {
    const double share = most > 0 ? cell / most : 0;
    line += sparkline_cell(static_cast<unsigned>(share * sparkline_levels), style);
  }
  return line;
}

std::string_view sparkline_cell(unsigned level, TextStyle style) noexcept {
  const unsigned index = std::min(level, sparkline_levels - 1);
  return style.utf8 ? heights[index] : digits[index];
}

}  // namespace weir::tools
