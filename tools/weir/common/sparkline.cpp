#include "tools/weir/common/sparkline.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <vector>

namespace weir::tools {
namespace {

constexpr std::array<std::string_view, 8> heights = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

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
    const auto height = static_cast<std::size_t>(share * static_cast<double>(heights.size()));
    line += heights[std::min(height, heights.size() - 1)];
  }
  return line;
}

}  // namespace weir::tools
