#include "tools/weir/load/jobs/find_max.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/build_kind.h"
#include "tests/tools/load/jobs/simulated_server.h"

namespace weir::tools::load {
namespace {

constexpr int searched_seeds = test::slow_build ? 2 : 50;
constexpr RateRange whole_range{.first = 100, .last = 1'000'000};

struct Case {
  const char* name;
  SimulatedServer server;
  std::string_view slo;
  double truth;  ///< the highest rate that keeps it
  double tolerance = 0.03;
};

FindMaxResult search(Simulation& simulation, std::string_view slo,
                     const RateRange& range = whole_range) {
  return find_max({.run = simulated_options(slo), .range = range}, runner_of(simulation), {})
      .value();
}

TEST(FindMax, LandsWithinThreePercentOfTheTruthInEveryOfManyNoisyRuns) {
  const auto queue_5k = [](double rate) { return mm1(5'000, rate); };
  const auto queue_300k = [](double rate) { return mm1(300'000, rate); };
  const auto cliff_20k = [](double rate) { return cliff(20'000, rate); };
  // Noise of 0.1 is 3 % of p99 in 10 s. What a long trial can't tell no search can: at 0.15, 7 of
  // 400 bounds were between 3 % and 4.1 % off.
  const std::array cases = {
      Case{"a queue", {.answer = queue_5k}, "p99<5ms", 5'000 - std::log(100) / 0.005},
      Case{"a fast queue", {.answer = queue_300k}, "p99<100us", 300'000 - std::log(100) / 0.0001},
      Case{"a queue with noise that a run of 10 s has too",
           {.answer = queue_5k, .latency_noise = 0.1},
           "p99<5ms",
           5'000 - std::log(100) / 0.005,
           // Noise of a whole run is no less in a longer one: what is found is what the run saw.
           0.06},
      Case{"a cliff", {.answer = cliff_20k}, "p99<5ms", 20'000},
      Case{"a cliff that goals on latency do not see",
           {.answer = cliff_20k},
           "rate>1",
           20'000 / saturated_below_share},
      Case{"a cliff with hiccups", {.answer = cliff_20k, .hiccup_share = 0.02}, "p99<1ms", 20'000}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    for (int seed = 0; seed < searched_seeds; ++seed) {
      SCOPED_TRACE(seed);
      Simulation simulation(one.server, static_cast<std::uint64_t>(seed));

      const FindMaxResult result = search(simulation, one.slo);

      ASSERT_EQ(result.end, FindMaxEnd::bracketed);
      EXPECT_NEAR(*result.lower / one.truth, 1, one.tolerance);
      EXPECT_NEAR(*result.upper / one.truth, 1, one.tolerance);
      EXPECT_LE(*result.upper / *result.lower, 1.02);
      EXPECT_FALSE(result.is_generator_limit);
      EXPECT_LE(simulation.runs(), 30);
    }
  }
}

TEST(FindMax, NeverRunsMoreTrialsThanPlannedOnAServerThatIsAllNoise) {
  for (int seed = 0; seed < searched_seeds; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 coin(static_cast<std::uint64_t>(seed));
    Simulation simulation(
        {.answer =
             [&coin](double rate) { return cliff(coin() % 2 == 0 ? 2 * rate : rate / 2, rate); }},
        0);
    const FindMaxOptions options{.run = simulated_options("p99<5ms"), .range = whole_range};

    const auto result = find_max(options, runner_of(simulation), {});

    ASSERT_TRUE(result);
    EXPECT_LE(result->trials.size(), plan_find_max(options).trials_max);
    EXPECT_EQ(result->trials.size(), static_cast<std::size_t>(simulation.runs()));
    if (result->lower && result->upper) {
      EXPECT_LT(*result->lower, *result->upper);
    }
  }
}

TEST(FindMax, ConfirmsBothBoundsWithLongTrials) {
  Simulation simulation({.answer = [](double rate) { return cliff(20'000, rate); }}, 1);

  const FindMaxResult result = search(simulation, "p99<5ms");

  const auto is_long = [](const Trial& trial, double rate, TrialOutcome outcome) {
    return trial.rate == rate && trial.outcome == outcome &&
           trial.duration == std::chrono::seconds(10);
  };
  EXPECT_TRUE(std::any_of(result.trials.begin(), result.trials.end(), [&](const Trial& trial) {
    return is_long(trial, *result.lower, TrialOutcome::held);
  }));
  EXPECT_EQ(std::count_if(result.trials.begin(), result.trials.end(),
                          [&](const Trial& trial) {
                            return is_long(trial, *result.upper, TrialOutcome::failed);
                          }),
            2);
  EXPECT_THAT(result.limit_reason, testing::HasSubstr("p99<5ms"));
}

TEST(FindMax, EndsWhereTheRangeEnds) {
  Simulation always({.answer = [](double rate) { return cliff(1e9, rate); }}, 1);
  Simulation never({.answer = [](double rate) { return cliff(1, rate); }}, 1);

  const FindMaxResult held = search(always, "p99<5ms", {.first = 100, .last = 7'000});
  const FindMaxResult failed = search(never, "p99<5ms", {.first = 100, .last = 7'000});

  EXPECT_EQ(held.end, FindMaxEnd::range_held);
  EXPECT_EQ(held.lower, 7'000);
  EXPECT_EQ(held.upper, std::nullopt);
  EXPECT_EQ(held.trials.back().duration, std::chrono::seconds(10));
  EXPECT_EQ(failed.end, FindMaxEnd::range_failed);
  EXPECT_EQ(failed.lower, std::nullopt);
  EXPECT_EQ(failed.upper, 100);
  EXPECT_EQ(failed.trials.size(), 4);
}

TEST(FindMax, SaysThatTheGeneratorIsTheLimit) {
  Simulation slow_generator({.answer =
                                 [](double rate) {
                                   ServerAnswer answer = cliff(1e9, rate);
                                   answer.is_trusted = rate <= 50'000;
                                   return answer;
                                 }},
                            1);
  Simulation busy_machine(
      {.answer =
           [](double) { return ServerAnswer{.p50_us = 1, .p99_us = 1, .is_trusted = false}; }},
      1);

  const FindMaxResult limited = search(slow_generator, "p99<5ms");
  const FindMaxResult nothing = search(busy_machine, "p99<5ms");

  EXPECT_EQ(limited.end, FindMaxEnd::bracketed);
  EXPECT_NEAR(*limited.lower, 50'000, 1'500);
  EXPECT_TRUE(limited.is_generator_limit);
  EXPECT_EQ(limited.limit_reason, "not everything was sent");
  EXPECT_EQ(limited.remedy, "--shards 2");
  EXPECT_EQ(nothing.end, FindMaxEnd::range_failed);
  EXPECT_EQ(nothing.lower, std::nullopt);
  EXPECT_TRUE(nothing.is_generator_limit);
}

TEST(FindMax, AServerThatNeverAnswersEndsItAtOnce) {
  Simulation silent({.answer = [](double) { return ServerAnswer{.answered_share = 0}; }}, 1);

  const FindMaxResult result = search(silent, "p99<5ms");

  EXPECT_EQ(result.end, FindMaxEnd::nothing_succeeded);
  EXPECT_EQ(result.trials.size(), 1);
  EXPECT_EQ(result.lower, std::nullopt);
}

TEST(FindMax, AnInterruptKeepsWhatIsKnown) {
  Simulation simulation({.answer = [](double rate) { return cliff(20'000, rate); }}, 1);
  const Runner run = [&](const Options& options) -> std::expected<LoadReport, std::string> {
    LoadReport report = simulation.run(options);
    report.interrupted = simulation.runs() == 4;
    return report;
  };

  const auto result =
      find_max({.run = simulated_options("p99<5ms"), .range = whole_range}, run, {});

  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, FindMaxEnd::interrupted);
  EXPECT_EQ(result->trials.size(), 3);
  EXPECT_EQ(result->lower, 1'600);
}

TEST(FindMax, ARunnerThatCannotRunEndsIt) {
  const Runner run = [](const Options&) -> std::expected<LoadReport, std::string> {
    return std::unexpected("no io_uring");
  };

  const auto result =
      find_max({.run = simulated_options("p99<5ms"), .range = whole_range}, run, {});

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "no io_uring");
}

TEST(FindMax, TellsOfEachTrialAndSaysBeforehandHowLongItTakes) {
  Simulation simulation({.answer = [](double rate) { return cliff(20'000, rate); }}, 1);
  const FindMaxOptions options{.run = simulated_options("p99<5ms"), .range = whole_range};
  std::size_t told = 0;

  const FindMaxPlan plan = plan_find_max(options);
  const auto result = find_max(options, runner_of(simulation), [&told](const Trial&) { ++told; });

  EXPECT_EQ(told, result->trials.size());
  EXPECT_GT(plan.expected, std::chrono::seconds(40));
  EXPECT_LT(plan.expected, std::chrono::seconds(80));
  EXPECT_GT(plan.longest, plan.expected);
}

}  // namespace
}  // namespace weir::tools::load
