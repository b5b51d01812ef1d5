#include "tools/weir/load/stats/queueing_theory.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "weir/base/assert.h"

namespace weir::tools::load {

namespace {

void check(const Queue& queue) {
  WEIR_ASSERT(queue.utilisation >= 0 && queue.utilisation < 1);
  WEIR_ASSERT(queue.service_time > 0);
}

double probability_of(double percentile) {
  WEIR_ASSERT(percentile >= 0 && percentile < 100);
  return percentile / 100;
}

/// How many requests an M/D/1 queue holds, the one in service included, seen at any time: the
/// probability of n or fewer, for n = 0, 1, 2 ...
class Md1Length {
 public:
  explicit Md1Length(double utilisation)
      : arrivals_(std::exp(-utilisation)), utilisation_(utilisation) {
    exactly_.push_back(1 - utilisation);
    at_most_.push_back(1 - utilisation);
    tails_.push_back(-std::expm1(-utilisation));
  }

  [[nodiscard]] double at_most(std::size_t n) {
    while (at_most_.size() <= n) add_one();
    return at_most_[n];
  }

 private:
  /// Between two departures the queue crosses the line between n and n + 1 upwards as often as
  /// downwards. Down from n + 1 leads a service without arrivals. Up leads from 0 and from 1 a
  /// service with more than n arrivals, from i one with more than n - i + 1. Every term is
  /// positive, so rounding errors don't grow (Ramaswami 1988); solving for the states' own
  /// equations would subtract.
  void add_one() {
    const std::size_t n = exactly_.size() - 1;
    double upwards = exactly_[0] * tail(n);
    for (std::size_t i = 1; i <= n; ++i) upwards += exactly_[i] * tail(n - i + 1);
    exactly_.push_back(upwards / std::exp(-utilisation_));
    at_most_.push_back(at_most_.back() + exactly_.back());
  }

  /// The probability of more than n arrivals during a service.
  double tail(std::size_t n) {
    while (tails_.size() <= n) {
      arrivals_ *= utilisation_ / static_cast<double>(tails_.size());
      tails_.push_back(poisson_tail(tails_.size()));
    }
    return tails_[n];
  }

  /// Summed from its largest term on: 1 minus the rest would cancel.
  [[nodiscard]] double poisson_tail(std::size_t n) const {
    double term = arrivals_;
    double sum = 0;
    for (std::size_t k = n + 1; term > 0 && term > 1e-18 * sum; ++k) {
      term *= utilisation_ / static_cast<double>(k);
      sum += term;
    }
    return sum;
  }

  double arrivals_;  // probability of as many arrivals as the last of `tails_` stands for
  double utilisation_;
  std::vector<double> exactly_;
  std::vector<double> at_most_;
  std::vector<double> tails_;
};

/// Franx 2001, "A simple solution for the M/D/c waiting time distribution", for c = 1. A wait of
/// (k - 1) D <= t < k D is not exceeded if, a whole k services later, all who stood in the queue
/// are gone: those k - 1 - j who were there, and j who came in the k D - t before.
///
/// \param services  the wait, in service times
double md1_wait_probability(Md1Length& length, double utilisation, double services) {
  const auto k = static_cast<std::size_t>(services) + 1;
  const double arrivals_mean = utilisation * (static_cast<double>(k) - services);
  double poisson = std::exp(-arrivals_mean);
  double probability = 0;
  for (std::size_t j = 0; j < k; ++j) {
    // k - 1 - j in the queue: with the one in service, k - j.
    probability += poisson * length.at_most(k - j);
    poisson *= arrivals_mean / static_cast<double>(j + 1);
  }
  return probability;
}

}  // namespace

double mg1_mean_wait(const Queue& queue, double service_cv) {
  check(queue);
  const double rho = queue.utilisation;
  return queue.service_time * rho * (1 + service_cv * service_cv) / (2 * (1 - rho));
}

double mm1_mean_wait(const Queue& queue) { return mg1_mean_wait(queue, 1); }

double mm1_wait_percentile(const Queue& queue, double percentile) {
  check(queue);
  const double rho = queue.utilisation;
  const double longer = 1 - probability_of(percentile);
  // Who finds the server idle does not wait: 1 - rho of all.
  if (longer >= rho) return 0;
  return queue.service_time / (1 - rho) * std::log(rho / longer);
}

double mm1_sojourn_percentile(const Queue& queue, double percentile) {
  check(queue);
  const double longer = 1 - probability_of(percentile);
  return -queue.service_time / (1 - queue.utilisation) * std::log(longer);
}

double md1_mean_wait(const Queue& queue) { return mg1_mean_wait(queue, 0); }

double md1_wait_probability(const Queue& queue, double wait) {
  check(queue);
  if (wait < 0) return 0;
  Md1Length length(queue.utilisation);
  return md1_wait_probability(length, queue.utilisation, wait / queue.service_time);
}

double md1_wait_percentile(const Queue& queue, double percentile) {
  check(queue);
  const double probability = probability_of(percentile);
  if (probability <= 1 - queue.utilisation) return 0;
  Md1Length length(queue.utilisation);
  // Just below k service times the probability is that of at most k in the system. Rounding may
  // leave the sum of all a little below 1, so the search ends where it stops growing.
  std::size_t k = 1;
  while (length.at_most(k) < probability && length.at_most(k) > length.at_most(k - 1)) ++k;

  double low = static_cast<double>(k) - 1;
  double high = static_cast<double>(k);
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    const bool is_below = md1_wait_probability(length, queue.utilisation, middle) < probability;
    (is_below ? low : high) = middle;
  }
  return high * queue.service_time;
}

}  // namespace weir::tools::load
