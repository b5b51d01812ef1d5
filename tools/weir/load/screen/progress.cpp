#include "tools/weir/load/screen/progress.h"

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/load/screen/figure_text.h"
#include "tools/weir/load/screen/progress_bar.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t bar_cells = 16;
constexpr std::size_t rate_columns = 24;

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
  if (sample.errors == 0 && sample.lost > 0) return doubtful_count(sample.lost, "lost", style);
  if (sample.errors == 0 && sample.dropped > 0) {
    return doubtful_count(sample.dropped, "dropped", style);
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
  return fmt::format(
      "{} {}  {}  p50 {}  p99 {}  {}", progress_bar(sample, bar_cells, style),
      sample.phase == Phase::warm_up ? progress_time(sample) + " warm-up" : progress_time(sample),
      rate_figure(sample.rate, rate_columns), format_duration(sample.p50, style),
      format_duration(sample.p99, style), worst_text(sample, style));
}

std::string plain_line(const ProgressSample& sample, TextStyle style) {
  return fmt::format("{}  {}{}{}  p50 {}  p99 {}  max {}  {}", whole_seconds(sample.elapsed),
                     sample.phase == Phase::warm_up ? "warm-up  " : "",
                     rate_figure(sample.rate, rate_columns), offered_text(sample),
                     format_duration(sample.p50, style), format_duration(sample.p99, style),
                     format_duration(sample.max, style), faults_text(sample, style));
}

}  // namespace weir::tools::load
