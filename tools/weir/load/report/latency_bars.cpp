#include "tools/weir/load/report/latency_bars.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/load/stats/percentile_interval.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t rows_max = 12;
constexpr std::size_t bar_columns = 40;
constexpr double shown_share = 0.1;  // percent at each end that may fall into the outer rows

/// Start of row `index` when rows are spaced by 2^(half_octaves / 2).
std::uint64_t row_start(int index, int half_octaves) noexcept {
  return static_cast<std::uint64_t>(std::ceil(std::exp2(index * half_octaves / 2.0)));
}

int row_of(std::uint64_t value, int half_octaves) noexcept {
  const double octaves = std::log2(static_cast<double>(std::max<std::uint64_t>(value, 1)));
  int row = static_cast<int>(octaves * 2 / half_octaves);
  // Where rounding put a value next to its row.
  while (row_start(row + 1, half_octaves) <= value) ++row;
  while (row > 0 && row_start(row, half_octaves) > value) --row;
  return row;
}

struct Mark {
  double percentile;
  const char* name;
};

constexpr std::array marks = {Mark{50, "p50"}, Mark{99, "p99"}, Mark{99.9, "p99.9"}};

/// The percentiles that fall between two rows: `p50 60 us`.
std::string marks_between(const Histogram& histogram, std::uint64_t from, std::uint64_t to,
                          TextStyle style) {
  std::string text;
  for (const Mark& mark : marks) {
    const std::uint64_t value = histogram.value_at_percentile(mark.percentile);
    if (value < from || value >= to) continue;
    if (!text.empty()) text += ' ';
    const std::string shown = format_duration(std::chrono::nanoseconds(value), style);
    const std::uint64_t beyond_count =
        histogram.count() - histogram.rank_of_percentile(mark.percentile);
    const bool is_sparse = beyond_count < samples_beyond_min;
    text += fmt::format("{} {}", mark.name, is_sparse ? "(" + shown + ")" : shown);
  }
  return text;
}

}  // namespace

std::vector<LatencyBar> latency_bars(const Histogram& histogram, std::size_t rows) {
  if (histogram.empty() || rows == 0) return {};
  const std::uint64_t low = histogram.value_at_percentile(shown_share);
  const std::uint64_t high = histogram.value_at_percentile(100 - shown_share);
  int half_octaves = 1;
  while (static_cast<std::size_t>(row_of(high, half_octaves) - row_of(low, half_octaves)) >= rows) {
    half_octaves *= 2;
  }

  std::vector<LatencyBar> bars;
  std::uint64_t below = 0;
  const int last = row_of(high, half_octaves);
  for (int row = row_of(low, half_octaves); row <= last; ++row) {
    const std::uint64_t end = row_start(row + 1, half_octaves);
    const std::uint64_t up_to =
        row == last ? histogram.count() : histogram.count_at_or_below(end - 1);
    bars.push_back({.from = std::chrono::nanoseconds(row_start(row, half_octaves)),
                    .count = up_to - below,
                    .is_open_ended = row == last && histogram.max() >= end});
    below = up_to;
  }
  return bars;
}

std::string draw_bar(double share, std::size_t columns, TextStyle style) {
  constexpr std::array<std::string_view, 8> eighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double cells = std::clamp(share, 0.0, 1.0) * static_cast<double>(columns);
  if (cells <= 0) return {};
  std::string bar;
  if (!style.utf8) {
    const auto whole = static_cast<std::size_t>(std::round(cells));
    return whole == 0 ? "." : std::string(whole, '#');
  }
  const auto parts = std::max<std::size_t>(1, static_cast<std::size_t>(std::round(cells * 8)));
  for (std::size_t i = 0; i < parts / 8; ++i) bar += "█";
  bar += eighths[parts % 8];
  return bar;
}

std::string draw_latency_bars(const Histogram& histogram, TextStyle style) {
  const auto bars = latency_bars(histogram, rows_max);
  std::uint64_t most = 1;
  for (const LatencyBar& bar : bars) most = std::max(most, bar.count);

  std::string out;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const bool is_first = i == 0;
    const bool is_last = i + 1 == bars.size();
    const auto from = is_first ? 0 : static_cast<std::uint64_t>(bars[i].from.count());
    const auto to = is_last ? UINT64_MAX : static_cast<std::uint64_t>(bars[i + 1].from.count());
    const double share = static_cast<double>(bars[i].count) / static_cast<double>(most);
    std::string label = format_duration(bars[i].from, style);
    if (bars[i].is_open_ended) label = fmt::format("{} {}", style.utf8 ? "≥" : ">=", label);
    std::string line = fmt::format("{:>12} |{:<{}} {}", label, draw_bar(share, bar_columns, style),
                                   bar_columns, marks_between(histogram, from, to, style));
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

}  // namespace weir::tools::load
