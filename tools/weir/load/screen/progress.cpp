#include "tools/weir/load/screen/progress.h"

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/load/screen/cut_line.h"
#include "tools/weir/load/screen/figure_text.h"
#include "tools/weir/load/screen/progress_bar.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t bar_cells = 16;
constexpr std::size_t rate_columns = 24;
constexpr std::size_t live_columns = 79;
constexpr std::size_t live_rate_columns = 12;
constexpr std::size_t live_count_columns = 11;

std::string errors_text(const ProgressSample& sample, TextStyle style) {
  const std::string text =
      fmt::format("{} error{}", format_count(sample.errors), sample.errors == 1 ? "" : "s");
  return sample.errors == 0 ? text : emphasize(text, Emphasis::bad, style);
}

std::string doubtful_count(std::uint64_t count, std::string_view what, TextStyle style) {
  return emphasize(fmt::format("{} {}", format_count(count), what), Emphasis::doubtful, style);
}

/// Errors, or if there are none what was lost or dropped: a live line has room for one of them.
std::string worst_text(const ProgressSample& sample, TextStyle style) {
  const auto figure = [](std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}", count_figure(count, live_count_columns), what);
  };
  if (sample.errors > 0) {
    return emphasize(figure(sample.errors, sample.errors == 1 ? "error" : "errors"), Emphasis::bad,
                     style);
  }
  if (sample.lost > 0) return emphasize(figure(sample.lost, "lost"), Emphasis::doubtful, style);
  if (sample.dropped > 0) {
    return emphasize(figure(sample.dropped, "dropped"), Emphasis::doubtful, style);
  }
  return errors_text(sample, style);
}

/// All that went wrong, for a line that may be longer.
std::string faults_text(const ProgressSample& sample, TextStyle style) {
  std::string text = errors_text(sample, style);
  if (sample.timeouts > 0) {
    text += fmt::format(" ({} timeout{})", format_count(sample.timeouts),
                        sample.timeouts == 1 ? "" : "s");
  }
  if (sample.dropped > 0) text += "  " + doubtful_count(sample.dropped, "dropped", style);
  if (sample.lost > 0) text += "  " + doubtful_count(sample.lost, "lost", style);
  return text;
}

std::string offered_text(const ProgressSample& sample) {
  return sample.offered_rate ? " of " + rate_figure(*sample.offered_rate, rate_columns) : "";
}

}  // namespace

std::string live_line(const ProgressSample& sample, TextStyle style) {
  const std::string rest = fmt::format(
      " {}  {}  p50 {}  p99 {}  {}",
      sample.phase == Phase::warm_up ? progress_time(sample) + " warm-up" : progress_time(sample),
      rate_figure(sample.rate, live_rate_columns), format_duration(sample.p50, style),
      format_duration(sample.p99, style), worst_text(sample, style));
  const std::size_t cells = cells_beside(rest, live_columns, bar_cells);
  return cut_line(progress_bar(sample, cells, style) + rest, live_columns);
}

std::string plain_line(const ProgressSample& sample, TextStyle style) {
  return fmt::format("{}  {}{}{}  p50 {}  p99 {}  max {}  {}", whole_seconds(sample.elapsed),
                     sample.phase == Phase::warm_up ? "warm-up  " : "",
                     rate_figure(sample.rate, rate_columns), offered_text(sample),
                     format_duration(sample.p50, style), format_duration(sample.p99, style),
                     format_duration(sample.max, style), faults_text(sample, style));
}

}  // namespace weir::tools::load
