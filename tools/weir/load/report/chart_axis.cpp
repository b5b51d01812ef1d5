#include "tools/weir/load/report/chart_axis.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"

namespace weir::tools::load {
namespace {

constexpr double marks_wanted = 5;
/// Logarithmic axes mark 2 and 5 as well if they span fewer decades.
constexpr double decades_few = 2.5;

/// 1, 2 or 5 times a power of ten.
double step_of(double range) {
  const double rough = range / marks_wanted;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

std::string percentile_text(double odds) {
  // Nines only show if no digit is rounded away: 99.999 %.
  return fmt::format("{:.10g} %", std::round((1 - 1 / odds) * 1e12) / 1e10);
}

std::string count_text(double count) {
  if (count >= 1e6) return fmt::format("{:g}M", count / 1e6);
  if (count >= 1e4) return fmt::format("{:g}k", count / 1e3);
  return fmt::format("{:g}", count);
}

std::string mark_text(double value, AxisUnit unit) {
  switch (unit) {
    case AxisUnit::nanoseconds:
      return format_duration(std::chrono::nanoseconds(std::llround(value)), {.utf8 = true});
    case AxisUnit::seconds:
      return fmt::format("{:g} s", value);
    case AxisUnit::per_second:
      return count_text(value);
    case AxisUnit::odds:
      return percentile_text(value);
  }
  return {};
}

}  // namespace

ChartAxis::ChartAxis(AxisScale scale, AxisUnit unit, const std::vector<double>& values)
    : scale_(scale), unit_(unit) {
  const bool is_log = scale == AxisScale::logarithmic;
  bool is_first = true;
  for (const double value : values) {
    if (!std::isfinite(value) || (is_log && value <= 0)) continue;
    low_ = is_first ? value : std::min(low_, value);
    high_ = is_first ? value : std::max(high_, value);
    is_first = false;
  }
  if (is_log) {
    if (is_first) low_ = high_ = 1;
    if (unit == AxisUnit::odds) {
      // Percentiles begin at none of the samples, and end at all of them.
      low_ = 1;
      high_ = std::max(high_, 2.0);
    } else {
      // Room for two marks at least: 1, 2 and 5 are at most a factor of 2.5 apart.
      const double middle = std::sqrt(low_ * high_);
      low_ = std::min(low_ / 1.25, middle / 2.4);
      high_ = std::max(high_ * 1.25, middle * 2.4);
    }
  } else {
    low_ = std::min(low_, 0.0);
    high_ =
        high_ > low_ ? high_ + (unit == AxisUnit::seconds ? 0 : 0.05 * (high_ - low_)) : low_ + 1;
  }
}

double ChartAxis::position(double value) const noexcept {
  const bool is_log = scale_ == AxisScale::logarithmic;
  if (is_log && value <= 0) return 0;
  const double share =
      is_log ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
  return std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
}

std::vector<AxisMark> ChartAxis::marks() const {
  std::vector<AxisMark> marks;
  const auto add = [&](double value) {
    if (value < low_ * (1 - 1e-9) || value > high_ * (1 + 1e-9)) return;
    marks.push_back({value, mark_text(value, unit_)});
  };
  if (scale_ == AxisScale::linear) {
    const double step = step_of(high_ - low_);
    const auto steps = static_cast<int>(std::floor((high_ - low_) / step + 1e-9));
    for (int i = 0; i <= steps; ++i) add(low_ + i * step);
    return marks;
  }
  const auto first = static_cast<int>(std::floor(std::log10(low_)));
  const auto last = static_cast<int>(std::ceil(std::log10(high_)));
  const bool is_narrow = unit_ != AxisUnit::odds && std::log10(high_ / low_) < decades_few;
  for (int decade = first; decade <= last; ++decade) {
    const double power = std::pow(10, decade);
    add(power);
    if (unit_ == AxisUnit::odds && decade == 0) add(2);
    if (!is_narrow) continue;
    add(2 * power);
    add(5 * power);
  }
  return marks;
}

}  // namespace weir::tools::load
