#include "tools/weir/load/screen/progress.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t bar_columns = 16;

std::string whole_seconds(std::chrono::nanoseconds duration) {
  return fmt::format("{:.0f} s", std::round(std::chrono::duration<double>(duration).count()));
}

/// Errors, or if there are none what was lost: a line has room for one of them.
std::string errors_text(const ProgressSample& sample, TextStyle style) {
  const std::uint64_t errors = sample.errors;
  if (errors == 0 && sample.lost > 0) {
    return emphasize(fmt::format("{} lost", format_count(sample.lost)), Emphasis::doubtful, style);
  }
  const std::string text = fmt::format("{} error{}", format_count(errors), errors == 1 ? "" : "s");
  return errors == 0 ? text : emphasize(text, Emphasis::bad, style);
}

std::string rate_text(const ProgressSample& sample) {
  return fmt::format("{}/s", format_count(static_cast<std::uint64_t>(std::round(sample.rate))));
}

std::string bar(const ProgressSample& sample, TextStyle style) {
  const double total = static_cast<double>(std::max<std::int64_t>(sample.duration.count(), 1));
  const double share = std::clamp(static_cast<double>(sample.elapsed.count()) / total, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(std::round(share * bar_columns));
  std::string text;
  for (std::size_t i = 0; i < bar_columns; ++i) {
    if (style.utf8) {
      text += i < filled ? "█" : "░";
    } else {
      text += i < filled ? '#' : '-';
    }
  }
  return style.utf8 ? text : fmt::format("[{}]", text);
}

}  // namespace

std::string live_line(const ProgressSample& sample, TextStyle style) {
  return fmt::format("{} {} / {}  {}  p50 {}  p99 {}  {}", bar(sample, style),
                     whole_seconds(sample.elapsed), whole_seconds(sample.duration),
                     rate_text(sample), format_duration(sample.p50, style),
                     format_duration(sample.p99, style), errors_text(sample, style));
}

std::string plain_line(const ProgressSample& sample, TextStyle style) {
  return fmt::format("{}  {}  p50 {}  p99 {}  max {}  {}", whole_seconds(sample.elapsed),
                     rate_text(sample), format_duration(sample.p50, style),
                     format_duration(sample.p99, style), format_duration(sample.max, style),
                     errors_text(sample, style));
}

}  // namespace weir::tools::load
