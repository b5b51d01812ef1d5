#include "tools/weir/load/jobs/compare.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/build_kind.h"
#include "tests/tools/load/jobs/simulated_server.h"
#include "tools/weir/load/jobs/compare_report.h"

namespace weir::tools::load {
namespace {

constexpr int compared_seeds = test::slow_build ? 3 : 60;  // a bootstrap each

CompareOptions options_for(std::uint64_t seed) {
  CompareOptions options{.run = simulated_options("p99<5ms"), .rounds = 12};
  options.run.slo.clear();
  options.run.seed = seed;
  options.run.more_targets = {parse_target("tcp://127.0.0.1:9001").value()};
  return options;
}

ServerAnswer steady(double p50_us, double answered_share = 1) {
  return {.p50_us = p50_us, .p99_us = 3 * p50_us, .answered_share = answered_share};
}

/// Two simulated servers behind the ports 9000 (A) and 9001 (B).
Runner pair_of(Simulation& a, Simulation& b) {
  return [&](const Options& options) -> std::expected<LoadReport, std::string> {
    return (options.target.text.ends_with(":9001") ? b : a).run(options);
  };
}

int count_slower(double b_p50_us, double noise) {
  int slower = 0;
  for (int seed = 0; seed < compared_seeds; ++seed) {
    Simulation a({.answer = [](double) { return steady(100); }, .latency_noise = noise},
                 static_cast<std::uint64_t>(2 * seed));
    Simulation b({.answer = [=](double) { return steady(b_p50_us); }, .latency_noise = noise},
                 static_cast<std::uint64_t>(2 * seed + 1));

    const auto result = compare(options_for(static_cast<std::uint64_t>(seed)), pair_of(a, b), {});

    slower += is_slower(result.value()) ? 1 : 0;
  }
  return slower;
}

TEST(Compare, TheSameServerIsHardlyEverSlowerThanItself) {
  EXPECT_LT(20 * count_slower(/*b_p50_us=*/100, /*noise=*/0.03), compared_seeds);
}

TEST(Compare, TenPercentAreFound) {
  EXPECT_GT(10 * count_slower(/*b_p50_us=*/110, /*noise=*/0.03), 9 * compared_seeds);
}

TEST(Compare, AFasterServerIsNotSlower) {
  EXPECT_EQ(count_slower(/*b_p50_us=*/80, /*noise=*/0.03), 0);
}

TEST(Compare, AServerThatIsFastBecauseItFailsIsSlower) {
  Simulation a({.answer = [](double) { return steady(100); }}, 1);
  Simulation b({.answer = [](double) { return steady(50, /*answered_share=*/0.9); }}, 2);
  const CompareOptions options = options_for(1);

  const auto result = compare(options, pair_of(a, b), {});

  ASSERT_TRUE(result);
  EXPECT_TRUE(is_slower(*result));
  EXPECT_EQ(exit_code_of(options, *result), ExitCode::slower);
}

TEST(Compare, EachRoundHasEachOnceInAnOrderOfItsOwnWithOneSchedule) {
  Simulation server({.answer = [](double) { return steady(100); }}, 1);
  std::vector<Options> cells;
  const Runner run = [&](const Options& options) -> std::expected<LoadReport, std::string> {
    cells.push_back(options);
    return server.run(options);
  };

  const auto result = compare(options_for(7), run, {});

  ASSERT_TRUE(result);
  EXPECT_EQ(result->rounds, 12);
  ASSERT_EQ(cells.size(), 36);
  std::set<std::size_t> places_of_b;
  for (std::size_t round = 0; round < 12; ++round) {
    int of_b = 0;
    for (std::size_t place = 0; place < 3; ++place) {
      const Options& cell = cells[3 * round + place];
      EXPECT_EQ(cell.seed, 7 + round);
      EXPECT_EQ(cell.duration, std::chrono::seconds(1));
      EXPECT_TRUE(cell.more_targets.empty());
      if (!cell.target.text.ends_with(":9001")) continue;
      ++of_b;
      places_of_b.insert(place);
    }
    EXPECT_EQ(of_b, 1);
  }
  EXPECT_EQ(places_of_b.size(), 3);
}

TEST(Compare, AServerThatDoesNotAnswerEndsItByName) {
  Simulation a({.answer = [](double) { return steady(100); }}, 1);
  Simulation b({.answer = [](double) { return steady(100, /*answered_share=*/0); }}, 2);
  const CompareOptions options = options_for(1);

  const auto result = compare(options, pair_of(a, b), {});

  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, CompareEnd::no_answer);
  EXPECT_EQ(result->silent_target, "tcp://127.0.0.1:9001");
  EXPECT_EQ(exit_code_of(options, *result), ExitCode::nothing_succeeded);
}

TEST(Compare, AClosedLoopComparesRates) {
  Simulation server({.answer = [](double) { return steady(100); }}, 1);
  CompareOptions options = options_for(1);
  options.run.open.reset();
  options.run.rate.reset();
  const Runner run = [&](const Options& cell) -> std::expected<LoadReport, std::string> {
    LoadReport report = server.run(cell);
    report.requests.answered = cell.target.text.ends_with(":9001") ? 80'000 : 100'000;
    return report;
  };

  const auto result = compare(options, run, {});

  ASSERT_TRUE(result);
  ASSERT_EQ(result->metrics.size(), 1);
  EXPECT_EQ(result->metrics[0].metric, CompareMetric::rate);
  EXPECT_DOUBLE_EQ(result->metrics[0].comparison.ratio.estimate, 0.8);
  EXPECT_TRUE(is_slower(*result));
}

TEST(Compare, StrictRefusesWhatIsMostlyUntrusted) {
  Simulation server({.answer =
                         [](double) {
                           ServerAnswer answer = steady(100);
                           answer.is_trusted = false;
                           return answer;
                         }},
                    1);
  CompareOptions options = options_for(1);

  const auto result = compare(options, runner_of(server), {});

  ASSERT_TRUE(result);
  EXPECT_EQ(result->untrusted_cells, 36);
  EXPECT_EQ(result->doubt, "not everything was sent");
  EXPECT_EQ(exit_code_of(options, *result), ExitCode::done);
  options.run.is_strict = true;
  EXPECT_EQ(exit_code_of(options, *result), ExitCode::untrusted);
}

}  // namespace
}  // namespace weir::tools::load
