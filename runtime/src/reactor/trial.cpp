#include "reactor/trial.h"

#include <time.h>

#include <algorithm>
#include <cmath>

namespace weir::reactor {
namespace {

constexpr unsigned eager_pairs = 32;    ///< as many follow each other at first, until it is clear
constexpr double observations_min = 8;  ///< before anything is concluded
constexpr double observations_memory = 32;  ///< older ones fade
constexpr double effect_min = 0.01;         ///< smaller ones are not worth a change
constexpr double outlier = 0.5;
/// How many standard errors it takes to go over to the other way, and to stay with it.
constexpr double errors_to_go = 3;
constexpr double errors_to_stay = 1;

}  // namespace

std::chrono::nanoseconds Trial::thread_cpu() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void Trial::begin(Phase phase, Way way) noexcept {
  phase_ = phase;
  way_ = way;
  left_ = plan_.stretch / 2 + next_random() % plan_.stretch;
}

void Trial::begin_pair() noexcept {
  begin(Phase::first, next_random() % 2 == 0 ? Way::usual : Way::other);
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
      return begin(Phase::second, way_ == Way::usual ? Way::other : Way::usual);
    case Phase::second:
      return end_pair(cost);
    case Phase::settled:
      return --settled_left_ == 0 ? begin_pair() : begin(Phase::settled, preferred_);
  }
}

void Trial::end_pair(double cost) noexcept {
  bool agrees = false;
  if (cost > 0 && first_cost_ > 0) {
    const double second_over_first = std::log(cost / first_cost_);
    const double other_over_usual = way_ == Way::other ? second_over_first : -second_over_first;
    observe(other_over_usual);
    preferred_ = choose();
    agrees = preferred_ == (other_over_usual < 0 ? Way::other : Way::usual);
  }
  ++pairs_;
  if (pairs_ < eager_pairs && !is_clear()) return begin_pair();
  settled_ = agrees ? std::min(2 * settled_, settled_max) : settled_min;
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

double Trial::standard_error() const noexcept { return std::sqrt(variance_ / weight_); }

Trial::Way Trial::choose() const noexcept {
  if (weight_ < observations_min) return Way::usual;
  const bool is_other_cheaper =
      preferred_ == Way::other ? mean_ + errors_to_stay * standard_error() < 0
                               : mean_ + errors_to_go * standard_error() < 0 && mean_ < -effect_min;
  return is_other_cheaper ? Way::other : Way::usual;
}

/// One way or the other.
bool Trial::is_clear() const noexcept {
  return weight_ >= observations_min && std::abs(mean_) > effect_min &&
         std::abs(mean_) > errors_to_go * standard_error();
}

/// Knuth's linear congruential generator of MMIX; its high bits.
std::uint64_t Trial::next_random() noexcept {
  random_ = random_ * 6364136223846793005U + 1442695040888963407U;
  return random_ >> 33U;
}

}  // namespace weir::reactor
