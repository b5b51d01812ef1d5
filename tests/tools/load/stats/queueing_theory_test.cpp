#include "tools/weir/load/stats/queueing_theory.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/build_kind.h"

namespace weir::tools::load {
namespace {

constexpr int simulated_customers = test::slow_build ? 400'000 : 4'000'000;
/// A tenth of them is right to three times as much.
constexpr double margin_factor = test::slow_build ? 4 : 1;

/// Waiting times by Lindley's recursion: who comes next waits what is left of the wait and service
/// before. Sorted; the first ones, while the queue fills, are left out.
template <typename Service>
std::vector<double> simulated_waits(double utilisation, std::mt19937_64& random, Service service) {
  constexpr int warm_up = 100'000;
  std::exponential_distribution<double> gap(utilisation);
  std::vector<double> waits;
  waits.reserve(simulated_customers);
  double wait = 0;
  for (int i = 0; i < warm_up + simulated_customers; ++i) {
    if (i >= warm_up) waits.push_back(wait);
    wait = std::max(0.0, wait + service() - gap(random));
  }
  std::sort(waits.begin(), waits.end());
  return waits;
}

double mean_of(const std::vector<double>& numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number;
  return sum / static_cast<double>(numbers.size());
}

double percentile_of(const std::vector<double>& sorted, double percentile) {
  return sorted[static_cast<std::size_t>(percentile / 100 * static_cast<double>(sorted.size()))];
}

/// Erlang's series for the same, which alternates: right for short waits only.
double erlang_md1_wait_probability(double rho, double services) {
  double sum = 0;
  for (int k = 0; k <= static_cast<int>(services); ++k) {
    const double x = rho * (services - k);
    sum += std::pow(-x, k) / std::tgamma(k + 1.0) * std::exp(x);
  }
  return (1 - rho) * sum;
}

TEST(QueueingTheory, MeansAreThoseOfTheFormulas) {
  const Queue half{.utilisation = 0.5, .service_time = 200};
  const Queue busy{.utilisation = 0.9, .service_time = 200};

  EXPECT_DOUBLE_EQ(mm1_mean_wait(half), 200);
  EXPECT_DOUBLE_EQ(md1_mean_wait(half), 100);
  EXPECT_DOUBLE_EQ(mg1_mean_wait(half, 2), 500);
  EXPECT_NEAR(mm1_mean_wait(busy), 1800, 1e-9);
  EXPECT_NEAR(md1_mean_wait(busy), 900, 1e-9);
  EXPECT_EQ(mm1_mean_wait({.utilisation = 0, .service_time = 1}), 0);
}

TEST(QueueingTheory, Mm1PercentilesInvertTheDistribution) {
  const Queue queue{.utilisation = 0.7, .service_time = 200};
  for (const double percentile : {31.0, 50.0, 90.0, 99.0, 99.99}) {
    const double longer = 1 - percentile / 100;

    const double wait = mm1_wait_percentile(queue, percentile);
    const double sojourn = mm1_sojourn_percentile(queue, percentile);

    EXPECT_NEAR(0.7 * std::exp(-0.3 * wait / 200), longer, 1e-9);
    EXPECT_NEAR(std::exp(-0.3 * sojourn / 200), longer, 1e-9);
  }
  EXPECT_EQ(mm1_wait_percentile(queue, 29), 0);
  EXPECT_EQ(mm1_wait_percentile(queue, 0), 0);
  EXPECT_EQ(mm1_sojourn_percentile(queue, 0), 0);
}

TEST(QueueingTheory, Md1AgreesWithErlangsSeriesForShortWaits) {
  for (const double rho : {0.1, 0.5, 0.8, 0.95}) {
    const Queue queue{.utilisation = rho, .service_time = 1};
    for (double services = 0; services <= 8; services += 0.25) {
      EXPECT_NEAR(md1_wait_probability(queue, services), erlang_md1_wait_probability(rho, services),
                  1e-10)
          << rho << " " << services;
    }
  }
  EXPECT_EQ(md1_wait_probability({.utilisation = 0.5, .service_time = 1}, -1), 0);
}

TEST(QueueingTheory, Md1IsADistributionWithItsMean) {
  for (const double rho : {0.0, 0.3, 0.9, 0.95, 0.99}) {
    SCOPED_TRACE(rho);
    const Queue queue{.utilisation = rho, .service_time = 1};
    constexpr double step = 0.125;
    double before = 0;
    double mean = 0;
    // 40 mean waits: what is left beyond is nothing.
    const double end = 40 * md1_mean_wait(queue) + 20;
    const double longest = std::min(end, 400.0);

    for (double wait = step / 2; wait < longest; wait += step) {
      const double probability = md1_wait_probability(queue, wait);
      ASSERT_GE(probability, before - 1e-12) << wait;
      ASSERT_LE(probability, 1 + 1e-9) << wait;
      mean += (1 - probability) * step;
      before = probability;
    }

    // At 0.99 the sum ends early: what is beyond 400 services is 2 * 0.01 * 400 = e^-8 of the mean.
    EXPECT_NEAR(mean, md1_mean_wait(queue), 2e-3 * md1_mean_wait(queue) + 1e-9);
  }
}

TEST(QueueingTheory, Md1PercentilesInvertTheDistribution) {
  for (const double rho : {0.05, 0.5, 0.9, 0.95, 0.99}) {
    const Queue queue{.utilisation = rho, .service_time = 200};
    for (const double percentile : {50.0, 90.0, 99.0, 99.9, 99.99, 99.9999}) {
      SCOPED_TRACE(::testing::Message() << rho << " p" << percentile);

      const double wait = md1_wait_percentile(queue, percentile);

      if (percentile / 100 <= 1 - rho) {
        EXPECT_EQ(wait, 0);
      } else {
        EXPECT_NEAR(md1_wait_probability(queue, wait), percentile / 100, 1e-9);
      }
    }
  }
}

TEST(QueueingTheory, Md1AgreesWithASimulation) {
  // Seeded: the random numbers differ between standard libraries, the margins are for that. Waits
  // at high utilisation depend on each other for long, so those margins are wider.
  struct Vector {
    double rho, margin;
  };
  for (const Vector& v : {Vector{0.5, 0.01}, Vector{0.8, 0.02}, Vector{0.95, 0.08}}) {
    SCOPED_TRACE(v.rho);
    const double margin = v.margin * margin_factor;
    std::mt19937_64 random(2024);
    const Queue queue{.utilisation = v.rho, .service_time = 1};

    const std::vector<double> waits = simulated_waits(v.rho, random, [] { return 1.0; });

    EXPECT_NEAR(mean_of(waits) / md1_mean_wait(queue), 1, margin);
    for (const double percentile : {60.0, 90.0, 99.0, 99.9}) {
      const double theory = md1_wait_percentile(queue, percentile);
      EXPECT_NEAR(percentile_of(waits, percentile) / theory, 1, margin) << percentile;
    }
  }
}

TEST(QueueingTheory, Mm1AgreesWithASimulation) {
  constexpr double rho = 0.8;
  std::mt19937_64 random(2025);
  std::exponential_distribution<double> service(1.0);
  const Queue queue{.utilisation = rho, .service_time = 1};

  const auto waits = simulated_waits(rho, random, [&] { return service(random); });

  EXPECT_NEAR(mean_of(waits) / mm1_mean_wait(queue), 1, 0.03 * margin_factor);
  for (const double percentile : {60.0, 90.0, 99.0, 99.9}) {
    const double theory = mm1_wait_percentile(queue, percentile);
    EXPECT_NEAR(percentile_of(waits, percentile) / theory, 1, 0.03 * margin_factor) << percentile;
  }
}

TEST(QueueingTheory, Mg1AgreesWithASimulationOfTwoServiceTimes) {
  // One in ten takes 5.5, the others 0.5: mean 1, variance 2.25.
  constexpr double rho = 0.7;
  std::mt19937_64 random(2026);
  std::bernoulli_distribution is_long(0.1);

  const auto waits = simulated_waits(rho, random, [&] { return is_long(random) ? 5.5 : 0.5; });

  const double theory = mg1_mean_wait({.utilisation = rho, .service_time = 1}, 1.5);
  EXPECT_NEAR(mean_of(waits) / theory, 1, 0.02 * margin_factor);
}

}  // namespace
}  // namespace weir::tools::load
