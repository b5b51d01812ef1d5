#include "tools/weir/load/jobs/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/jobs/simulated_server.h"
#include "tools/weir/load/jobs/sweep_report.h"

namespace weir::tools::load {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<double> rates_of(const SweepResult& result) {
  std::vector<double> rates;
  for (const LoadReport& report : result.reports) rates.push_back(report.options.rate.value());
  return rates;
}

SweepResult sweep_to(double capacity, std::vector<double> rates) {
  Simulation simulation({.answer = [=](double rate) { return cliff(capacity, rate); }}, 1);
  return sweep(simulated_options("p99<5ms"), std::move(rates), runner_of(simulation), {}).value();
}

TEST(Sweep, RunsEachRateOnceFromTheLowestUp) {
  const SweepResult result = sweep_to(1e9, {5'000, 1'000, 5'000, 2'000});

  EXPECT_EQ(result.end, SweepEnd::complete);
  EXPECT_THAT(rates_of(result), ElementsAre(1'000, 2'000, 5'000));
  EXPECT_TRUE(result.left_out.empty());
  EXPECT_EQ(exit_code_of(result), ExitCode::done);
}

TEST(Sweep, EndsAfterTwoSaturatedRates) {
  const SweepResult result = sweep_to(3'000, {1'000, 2'000, 4'000, 8'000, 16'000, 32'000});

  EXPECT_EQ(result.end, SweepEnd::saturated);
  EXPECT_THAT(rates_of(result), ElementsAre(1'000, 2'000, 4'000, 8'000));
  EXPECT_THAT(result.left_out, ElementsAre(16'000, 32'000));
  EXPECT_THAT(sweep_text(result, {}), HasSubstr("can do: 16 000/s to "));
  EXPECT_EQ(exit_code_of(result), ExitCode::done);
}

TEST(Sweep, AServerThatDoesNotAnswerEndsIt) {
  Simulation silent({.answer = [](double) { return ServerAnswer{.answered_share = 0}; }}, 1);

  const auto result = sweep(simulated_options("p99<5ms"), {1'000, 2'000}, runner_of(silent), {});

  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, SweepEnd::nothing_succeeded);
  EXPECT_EQ(silent.runs(), 1);
  EXPECT_EQ(exit_code_of(*result), ExitCode::nothing_succeeded);
}

TEST(Sweep, TextKeepsToEightyColumnsAndCsvHasARowARate) {
  const SweepResult result = sweep_to(300'000, {1'000, 200'000, 1'000'000});

  const std::string text = sweep_text(result, {});
  const std::string csv = sweep_csv(result.reports);

  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80) << line;
  EXPECT_THAT(text, HasSubstr("SLO FAILED"));
  // Of 1000 samples ten are beyond p99, and one beyond p99.9.
  EXPECT_THAT(text, testing::ContainsRegex(" 5[0-9] us +[0-9]+ us +2[0-9]+ us +\\(2[0-9]+ us\\) "));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
  EXPECT_THAT(csv, HasSubstr("\n1000,1000.000,"));
}

}  // namespace
}  // namespace weir::tools::load
