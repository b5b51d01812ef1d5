// GapStatistics: mean and coefficient of variation of the gaps between arrivals, to check that a
// schedule is spread as it was meant to be. 1 and 1 for Poisson arrivals in units of the mean gap.
//
// Constant memory, and no loss of digits where the gaps are nearly equal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "tools/weir/common/welford.h"

namespace weir::tools::load {

class GapStatistics {
 public:
  /// Counts the gap since the event before; the first has none.
  void add_event(std::chrono::nanoseconds time) noexcept {
    if (last_) add_gap(static_cast<double>((time - *last_).count()));
    last_ = time;
  }

  /// For gaps in other units: in requests, say, where the rate changes. Do not mix the two.
  void add_gap(double gap) noexcept { gaps_.add(gap); }

  /// Takes in the gaps of another, as of another shard. Between the two there is none.
  void merge(const GapStatistics& other) noexcept { gaps_.merge(other.gaps_); }

  [[nodiscard]] std::uint64_t count() const noexcept { return gaps_.count(); }
  /// 0 without gaps; in nanoseconds if events were added.
  [[nodiscard]] double mean() const noexcept { return gaps_.mean(); }
  /// Standard deviation divided by mean; 0 with fewer than two gaps or where all are 0.
  [[nodiscard]] double variation() const noexcept { return gaps_.cv(); }

 private:
  Welford gaps_;
  std::optional<std::chrono::nanoseconds> last_;
};

}  // namespace weir::tools::load
