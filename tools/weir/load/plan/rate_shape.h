// RateShape: the rate that load offers over time, a line of straight pieces, and how many requests
// that makes by when.
//
//     rate |        ____           constant     one piece
//          |      /|    \          ramp         one piece that rises or falls
//          |_____/ |     \____     steps        a level after the other
//          +--------------------   points       linear between (time, rate), jumps allowed
//
// A jump belongs to what follows it, and so does a pause: the request that a pause holds back is
// due when it is over.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "tools/weir/load/plan/rate.h"

namespace weir::tools::load {

/// Two points at one time are a jump.
struct RatePoint {
  std::chrono::nanoseconds time;
  double rate;  ///< requests a second

  bool operator==(const RatePoint&) const = default;
};

class RateShape {
 public:
  static constexpr std::chrono::nanoseconds duration_max = std::chrono::hours(24 * 365);

  /// One rate, or a linear ramp over all of `duration`.
  /// \param range     from `parse_rate_range`
  /// \param duration  above 0, at most `duration_max`
  RateShape(const RateRange& range, std::chrono::nanoseconds duration);

  /// Linear between points.
  /// \param points  at least two; the first at 0, in ascending order, the last above 0; rates
  ///                between 0 and `rate_max_per_second`, and not all 0
  explicit RateShape(std::span<const RatePoint> points);

  [[nodiscard]] std::chrono::nanoseconds duration() const noexcept { return duration_; }
  [[nodiscard]] double rate_max() const noexcept { return rate_max_; }

  /// Requests a second at `time`; 0 before the beginning and from the end on.
  [[nodiscard]] double rate_at(std::chrono::nanoseconds time) const noexcept;

  /// How many requests are offered until `time`: the integral of the rate.
  [[nodiscard]] double requests_by(std::chrono::nanoseconds time) const noexcept;

  /// How many requests are offered in all.
  [[nodiscard]] double requests() const noexcept { return static_cast<double>(requests_); }

  /// When `requests` have been offered, to the nearest nanosecond: `duration()` if they never are.
  /// A request is sent if this is before `duration()`.
  [[nodiscard]] std::chrono::nanoseconds time_of(long double requests) const noexcept;

  /// The same for a caller who asks in ascending order.
  /// \param piece  where the search starts: 0 at first, then what it was left at
  [[nodiscard]] std::chrono::nanoseconds time_of(long double requests,
                                                 std::size_t& piece) const noexcept;

 private:
  /// Of the shape, from its begin to that of the next.
  ///
  /// `long double`, which has 64 bits of mantissa on x86-64: a month at 1M/s is 2^51 ns, and a sum
  /// of doubles would leave a quarter of a nanosecond.
  struct Piece {
    long double begin_requests;
    long double begin_ns;
    long double length_ns;
    long double rate;   // requests a nanosecond, at the begin
    long double slope;  // of the rate, a nanosecond
    long double ns_per_request;
  };

  void add_piece(const RatePoint& from, const RatePoint& to);
  [[nodiscard]] const Piece& piece_at(std::chrono::nanoseconds time) const noexcept;

  std::vector<Piece> pieces_;
  std::chrono::nanoseconds duration_{};
  long double requests_ = 0;
  double rate_max_ = 0;
};

}  // namespace weir::tools::load
