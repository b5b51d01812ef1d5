#include "tools/weir/load/plan/rate_shape_text.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/load/plan/list_line.h"
#include "tools/weir/load/plan/rate.h"

namespace weir::tools::load {
namespace {

bool is_pause(const RatePoint& point) noexcept { return point.rate == 0; }

/// A bare 0 needs no unit.
Checked<std::chrono::nanoseconds> parse_time(std::string_view text) {
  if (text == "0") return std::chrono::nanoseconds(0);
  return parse_duration(text);
}

Checked<RatePoint> parse_point(const ListLine& line) {
  if (!line.second) {
    return usage_error(
        fmt::format("\"{}\" is not a point; write a time and a rate, such as 90s,20k", line.first));
  }
  const auto time = parse_time(line.first);
  if (!time) return std::unexpected(time.error());
  const auto rate = parse_rate_or_pause(*line.second);
  if (!rate) return std::unexpected(rate.error());
  return RatePoint{.time = *time, .rate = *rate};
}

/// Adds a point that fits behind the others.
Checked<void> append(std::vector<RatePoint>& points, const RatePoint& point) {
  if (points.empty() && point.time.count() != 0) {
    return usage_error("the first point must be at 0s: that is when the load begins");
  }
  if (!points.empty() && point.time < points.back().time) {
    return usage_error(fmt::format(
        "{} comes before the point above it ({}); sort the points by time",
        format_duration(point.time, TextStyle{}), format_duration(points.back().time, {})));
  }
  if (points.size() == rate_points_max) {
    return usage_error(fmt::format("more than {} points", rate_points_max));
  }
  points.push_back(point);
  return {};
}

Checked<RateShape> shape_of(const std::vector<RatePoint>& points) {
  if (points.size() < 2 || points.back().time.count() == 0) {
    return usage_error("a shape needs two points at different times, such as 0s,1k and 60s,20k");
  }
  if (std::ranges::all_of(points, is_pause)) {
    return usage_error("all rates are 0, so nothing would be sent");
  }
  return RateShape(points);
}

Checked<std::string> read_file(const std::string& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text(rate_shape_bytes_max + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    return usage_error(fmt::format("cannot read {}: {}", file,
                                   std::error_code(errno, std::generic_category()).message()));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > rate_shape_bytes_max) {
    return usage_error(fmt::format("{} is larger than {} MiB", file, rate_shape_bytes_max >> 20));
  }
  return text;
}

}  // namespace

Checked<RateShape> parse_rate_steps(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) {
    return usage_error(fmt::format(
        "\"{}\" does not say how long a step is; write rates and a duration, such as 1k,2k,5k@10s",
        text));
  }
  const auto length = parse_duration(text.substr(at + 1));
  if (!length) return std::unexpected(length.error());
  if (length->count() == 0) return usage_error("a step must be longer than 0");
  std::vector<RatePoint> points;
  std::string_view rates = text.substr(0, at);
  for (bool is_last = false; !is_last;) {
    const std::size_t comma = rates.find(',');
    is_last = comma == std::string_view::npos;
    const auto rate = parse_rate_or_pause(rates.substr(0, comma));
    if (!rate) return std::unexpected(rate.error());
    const auto begin = points.empty() ? std::chrono::nanoseconds(0) : points.back().time;
    points.push_back({.time = begin, .rate = *rate});
    points.push_back({.time = begin + *length, .rate = *rate});
    if (points.size() > 2 * rate_steps_max) {
      return usage_error(fmt::format("more than {} steps", rate_steps_max));
    }
    if (points.back().time > RateShape::duration_max) {
      return usage_error(fmt::format("the steps of \"{}\" last longer than a year", text));
    }
    if (!is_last) rates.remove_prefix(comma + 1);
  }
  return shape_of(points);
}

Checked<RateShape> parse_rate_points(std::string_view text, std::string_view file) {
  std::vector<RatePoint> points;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto line = split_list_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line) continue;
    const auto point = parse_point(*line);
    const auto added = point ? append(points, *point) : std::unexpected(point.error());
    if (!added) {
      return usage_error(fmt::format("{}:{}: {}", file, number, added.error().message));
    }
  }
  auto shape = shape_of(points);
  if (!shape) return usage_error(fmt::format("{}: {}", file, shape.error().message));
  return shape;
}

Checked<RateShape> load_rate_shape(const std::string& file) {
  const auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  return parse_rate_points(*text, file);
}

}  // namespace weir::tools::load
