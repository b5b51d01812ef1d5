// TransitTimes: how long datagrams were on their way, and how much that varies.
//
//     transit = arrival time - send time
//
// On one clock, as for an echo, the transit is the round trip time. On two it contains the unknown
// difference of the clocks: then only differences mean something, such as max() - min(), the delay
// of queues, and the jitter, which is the same whatever the clocks show.
//
// The jitter is that of RFC 3550 section 6.4.1, in the integer form of its appendix A.8:
//
//     D(i) = transit(i) - transit(i-1)                  in order of arrival, not of numbers
//     J(i) = J(i-1) + (|D(i)| - J(i-1)) / 16            kept in sixteenths of a nanosecond
//
// Times are subtracted modulo 2^64, so any bits a peer sends are defined. What comes of that is cut
// to `transit_max`, so that a caller may subtract any two transits.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace weir::protocols {

class TransitTimes {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  /// 146 years, either way: enough for a clock since 1970 against one since the machine started.
  static constexpr Nanoseconds transit_max{(std::int64_t{1} << 62) - 1};

  /// Takes the next datagram that arrived. Once for each: a copy says nothing new.
  void add(Nanoseconds send_time, Nanoseconds arrival_time) noexcept {
    const auto difference =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(arrival_time.count()) -
                                  static_cast<std::uint64_t>(send_time.count()));
    const std::int64_t transit = std::clamp(difference, -transit_max.count(), transit_max.count());
    // The first has no predecessor: it is its own, and changes no jitter.
    if (count_ == 0) min_ = max_ = last_ = transit;
    ++count_;
    sum_ += transit;
    min_ = std::min(min_, transit);
    max_ = std::max(max_, transit);
    const std::int64_t change = transit - last_;
    const auto distance = static_cast<std::uint64_t>(change < 0 ? -change : change);
    jitter_x16_ += std::min(distance, change_max) - ((jitter_x16_ + 8) >> 4);
    last_ = transit;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  /// All of these are zero while nothing has been added; the mean is rounded towards zero.
  [[nodiscard]] Nanoseconds min() const noexcept { return Nanoseconds(min_); }
  [[nodiscard]] Nanoseconds max() const noexcept { return Nanoseconds(max_); }
  [[nodiscard]] Nanoseconds last() const noexcept { return Nanoseconds(last_); }
  [[nodiscard]] Nanoseconds mean() const noexcept {
    return Nanoseconds(count_ == 0 ? 0 : static_cast<std::int64_t>(sum_ / count_));
  }
  [[nodiscard]] Nanoseconds jitter() const noexcept {
    return Nanoseconds(static_cast<std::int64_t>(jitter_x16_ >> 4));
  }

 private:
  // 64 bits overflow after nine seconds times a thousand million datagrams.
  __extension__ using Sum = __int128;

  // 18 years. The jitter is at most this, and its sixteenths then still fit.
  static constexpr std::uint64_t change_max = std::uint64_t{1} << 59;

  std::uint64_t count_ = 0;
  Sum sum_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  std::int64_t last_ = 0;
  std::uint64_t jitter_x16_ = 0;
};

}  // namespace weir::protocols
