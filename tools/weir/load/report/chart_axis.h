// The axis of a chart: where a value lies, and which values get a mark.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::tools::load {

enum class AxisScale : std::uint8_t { linear, logarithmic };

/// What the numbers are, for their marks.
enum class AxisUnit : std::uint8_t {
  nanoseconds,  ///< `198 us`
  seconds,      ///< since the start: `30 s`
  per_second,   ///< `20k`
  odds,         ///< 1 / (1 - p): marked by percentile, `99.9 %`
};

struct AxisMark {
  double value = 0;
  std::string text;
};

class ChartAxis {
 public:
  /// Covers all of `values`, and a little more; linear axes also 0. Values that a logarithmic axis
  /// has no place for, 0 and below, are left out.
  ChartAxis(AxisScale scale, AxisUnit unit, const std::vector<double>& values);

  /// 0 at the low end, 1 at the high end; clamped to them.
  [[nodiscard]] double position(double value) const noexcept;
  [[nodiscard]] std::vector<AxisMark> marks() const;

 private:
  AxisScale scale_;
  AxisUnit unit_;
  double low_ = 0;
  double high_ = 1;
};

}  // namespace weir::tools::load
