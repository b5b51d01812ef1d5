// Mean and variance of numbers as they come, without keeping them. Welford's recurrence: summing
// squares instead would lose all digits where the spread is small beside the mean, as it is for
// nanoseconds since some epoch.
#pragma once

#include <cmath>
#include <cstdint>

namespace weir::tools {

class Welford {
 public:
  void add(double x) noexcept {
    ++count_;
    const double before = x - mean_;
    mean_ += before / static_cast<double>(count_);
    squares_ += before * (x - mean_);
  }

  /// As if the numbers of `other` had been added here (Chan, Golub and LeVeque 1979).
  void merge(const Welford& other) noexcept {
    if (other.count_ == 0) return;
    const auto mine = static_cast<double>(count_);
    const auto others = static_cast<double>(other.count_);
    const double apart = other.mean_ - mean_;
    mean_ += apart * others / (mine + others);
    squares_ += other.squares_ + apart * apart * mine * others / (mine + others);
    count_ += other.count_;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// 0 while empty.
  [[nodiscard]] double mean() const noexcept { return mean_; }
  /// Of the population that the numbers are a sample of, so divided by count - 1; 0 for fewer
  /// than 2.
  [[nodiscard]] double variance() const noexcept {
    return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1);
  }
  [[nodiscard]] double deviation() const noexcept { return std::sqrt(variance()); }
  /// Coefficient of variation, deviation / mean: 1 for the gaps of a Poisson process, 0 for equal
  /// ones. 0 where the mean is 0.
  [[nodiscard]] double cv() const noexcept { return mean_ == 0 ? 0 : deviation() / mean_; }

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared distances from the mean
};

}  // namespace weir::tools
