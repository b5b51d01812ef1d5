// How late packets left: a histogram of durations from 1 ns to 18 minutes, exact to 1.6 %.
//
// Log-linear, as HdrHistogram is: each power of two is cut into 64 buckets, so recording is a shift
// and an addition, and the size does not depend on what is recorded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "weir/weir.h"

namespace delay_relay {

class LatenessHistogram {
 public:
  /// Less than nothing counts as nothing.
  void record(weir::Duration lateness) noexcept;
  void add(const LatenessHistogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// The smallest recorded value that at least `fraction` (0 to 1) of all do not exceed, rounded up
  /// to its bucket's end but never over `max`. Zero if nothing was recorded.
  [[nodiscard]] weir::Duration quantile(double fraction) const noexcept;
  [[nodiscard]] weir::Duration max() const noexcept { return max_; }

 private:
  static constexpr unsigned bucket_bits = 6;
  static constexpr std::uint64_t buckets_a_power = 1U << bucket_bits;
  static constexpr unsigned value_bits = 40;
  static constexpr std::uint64_t value_max = (std::uint64_t{1} << value_bits) - 1;

  [[nodiscard]] static std::size_t index_of(std::uint64_t value) noexcept;
  [[nodiscard]] static std::uint64_t last_value_of(std::size_t index) noexcept;

  std::array<std::uint64_t, (value_bits - bucket_bits + 1) * buckets_a_power> buckets_{};
  std::uint64_t count_ = 0;
  weir::Duration max_{};
};

}  // namespace delay_relay
