#include "tools/weir/load/plan/gap_statistics.h"

#include <cmath>

namespace weir::tools::load {

void GapStatistics::add_gap(double gap) noexcept {
  ++count_;
  const double distance = gap - mean_;
  mean_ += distance / static_cast<double>(count_);
  square_sum_ += distance * (gap - mean_);
}

void GapStatistics::merge(const GapStatistics& other) noexcept {
  if (other.count_ == 0) return;
  const auto own = static_cast<double>(count_);
  const auto added = static_cast<double>(other.count_);
  const double distance = other.mean_ - mean_;
  count_ += other.count_;
  mean_ += distance * added / (own + added);
  square_sum_ += other.square_sum_ + distance * distance * own * added / (own + added);
}

double GapStatistics::variation() const noexcept {
  if (count_ < 2 || mean_ == 0) return 0;
  return std::sqrt(square_sum_ / static_cast<double>(count_ - 1)) / mean_;
}

}  // namespace weir::tools::load
