// The last seconds of a run as two lines of small bars.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include "tools/weir/common/text_style.h"

namespace weir::tools::load {

/// A fixed number of seconds, whatever the duration: a newer one takes the place of the oldest.
class RecentSeconds {
 public:
  static constexpr std::size_t seconds_max = 40;

  /// \param p99  0 if there was no answer
  void add(double rate, std::chrono::nanoseconds p99) noexcept;

  /// Of the last `cells` seconds, the newest on the right. From 0 to the largest of them.
  [[nodiscard]] std::string rate_bars(std::size_t cells, TextStyle style) const;

  /// The lowest bar is the smallest of them, and each step up twice as much: latency has outliers
  /// that would press everything else flat. A gap where there was no answer.
  [[nodiscard]] std::string p99_bars(std::size_t cells, TextStyle style) const;

 private:
  struct Second {
    double rate = 0;
    std::chrono::nanoseconds p99{};
  };

  /// \param age  0 is the newest
  [[nodiscard]] const Second& second(std::size_t age) const noexcept {
    return seconds_[(next_ + seconds_max - 1 - age) % seconds_max];
  }

  std::array<Second, seconds_max> seconds_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace weir::tools::load
