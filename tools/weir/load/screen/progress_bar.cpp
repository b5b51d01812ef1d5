#include "tools/weir/load/screen/progress_bar.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/load/screen/cut_line.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t cells_min = 4;
constexpr std::size_t bracket_columns = 2;

}  // namespace

std::string progress_bar(const ProgressSample& sample, std::size_t cells, TextStyle style) {
  const double total = static_cast<double>(std::max<std::int64_t>(sample.duration.count(), 1));
  const double share =
      sample.phase == Phase::warm_up
          ? 0
          : std::clamp(static_cast<double>(sample.elapsed.count()) / total, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(std::round(share * static_cast<double>(cells)));
  std::string text;
  for (std::size_t i = 0; i < cells; ++i) {
    if (style.utf8) {
      text += i < filled ? "█" : "░";
    } else {
      text += i < filled ? '#' : '-';
    }
  }
  return style.utf8 ? text : fmt::format("[{}]", text);
}

std::size_t cells_beside(std::string_view rest, std::size_t columns,
                         std::size_t cells_wanted) noexcept {
  const std::size_t taken = columns_taken(rest) + bracket_columns;
  const std::size_t left = columns - std::min(columns, taken);
  return std::clamp(left, cells_min, std::max(cells_min, cells_wanted));
}

std::string progress_time(const ProgressSample& sample) {
  if (sample.phase == Phase::warm_up) return whole_seconds(sample.elapsed);
  return fmt::format("{} / {}", whole_seconds(sample.elapsed), whole_seconds(sample.duration));
}

std::string whole_seconds(std::chrono::nanoseconds duration) {
  return fmt::format("{:.0f} s", std::round(std::chrono::duration<double>(duration).count()));
}

}  // namespace weir::tools::load
