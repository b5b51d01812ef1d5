#include "reactor/trial.h"

#include <time.h>

#include <algorithm>
#include <cmath>

namespace weir::reactor {
namespace {

constexpr unsigned eager_pairs = 32;        ///< as many follow each other at first
constexpr double observations_min = 8;      ///< before anything is concluded
constexpr double observations_memory = 64;  ///< older ones fade
constexpr double standard_errors = 3;
constexpr double effect_min = 0.01;  ///< smaller ones are not worth a change
constexpr double outlier = 0.5;

Trial::Way opposite(Trial::Way way) noexcept {
  return way == Trial::Way::usual ? Trial::Way::other : Trial::Way::usual;
}

}  // namespace

std::chrono::nanoseconds Trial::thread_cpu() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void Trial::begin(Phase phase, Way way) noexcept {
  phase_ = phase;
  way_ = way;
  left_ = plan_.stretch;
}

void Trial::begin_pair() noexcept {
  other_first_ = !other_first_;
  begin(Phase::first, other_first_ ? Way::other : Way::usual);
}

void Trial::end_stretch(const Total& total) noexcept {
  const double cpu_ns = static_cast<double>((total.cpu - began_.cpu).count());
  const auto work = static_cast<double>(total.work - began_.work);
  const double cost = work > 0 ? cpu_ns / work : 0;
  began_ = total;
  switch (phase_) {
    case Phase::warm_up:
      return begin_pair();
    case Phase::first:
      first_cost_ = cost;
      return begin(Phase::second, opposite(way_));
    case Phase::second:
      return end_pair(cost);
    case Phase::settled:
      return --settled_left_ == 0 ? begin_pair() : begin(Phase::settled, preferred_);
  }
}

void Trial::end_pair(double cost) noexcept {
  if (cost > 0 && first_cost_ > 0) {
    const double log_ratio = std::log(cost / first_cost_);
    observe(way_ == Way::other ? log_ratio : -log_ratio);
  }
  ++pairs_;
  const Way before = preferred_;
  if (is_decided()) preferred_ = mean_ < 0 ? Way::other : Way::usual;
  if (!is_decided() && pairs_ < eager_pairs) return begin_pair();
  settled_ = preferred_ == before ? std::min(2 * settled_, settled_max) : settled_min;
  settled_left_ = settled_;
  begin(Phase::settled, preferred_);
}

/// Mean and variance with weights that fade by a power of their age (T. Finch, "Incremental
/// calculation of weighted mean and variance", 2009).
void Trial::observe(double log_ratio) noexcept {
  weight_ = std::min(weight_ + 1, observations_memory);
  const double difference = std::clamp(log_ratio, -outlier, outlier) - mean_;
  const double step = difference / weight_;
  mean_ += step;
  variance_ = (1 - 1 / weight_) * (variance_ + difference * step);
}

bool Trial::is_decided() const noexcept {
  return weight_ >= observations_min && std::abs(mean_) > effect_min &&
         std::abs(mean_) > standard_errors * std::sqrt(variance_ / weight_);
}

}  // namespace weir::reactor
