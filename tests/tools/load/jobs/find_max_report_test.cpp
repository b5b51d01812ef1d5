#include "tools/weir/load/jobs/find_max_report.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/load/jobs/simulated_server.h"

namespace weir::tools::load {
namespace {

using testing::HasSubstr;

FindMaxOptions example_options() {
  return {.run = simulated_options("p99<5ms"), .range = {.first = 100, .last = 100'000}};
}

FindMaxResult search_to(double capacity, double trusted_to = 1e9) {
  Simulation simulation({.answer =
                             [=](double rate) {
                               ServerAnswer answer = cliff(capacity, rate);
                               answer.is_trusted = rate <= trusted_to;
                               return answer;
                             },
                         .latency_noise = 0},
                        1);
  return find_max(example_options(), runner_of(simulation), {}).value();
}

TEST(FindMaxReport, NamesBothBounds) {
  const FindMaxResult result = search_to(20'000);

  const std::string text = find_max_text(example_options(), result, {});

  EXPECT_THAT(text, HasSubstr("with p99<5ms (it fails at "));
  EXPECT_THAT(text, HasSubstr("failed "));
  EXPECT_THAT(text, HasSubstr("weir load tcp://127.0.0.1:9000 --rate "));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80) << line;
  EXPECT_EQ(exit_code_of(result), ExitCode::done);
}

TEST(FindMaxReport, SaysWhoseLimitItIs) {
  const FindMaxResult limited = search_to(1e9, /*trusted_to=*/5'000);
  const FindMaxResult untrusted = search_to(1e9, /*trusted_to=*/1);
  const FindMaxResult slow = search_to(/*capacity=*/1);
  const FindMaxResult fast = search_to(1e9);

  EXPECT_THAT(find_max_text(example_options(), limited, {}), HasSubstr("this generator is the"));
  EXPECT_THAT(find_max_text(example_options(), limited, {}), HasSubstr("--shards 2"));
  EXPECT_EQ(exit_code_of(limited), ExitCode::done);
  EXPECT_EQ(exit_code_of(untrusted), ExitCode::untrusted);
  EXPECT_THAT(find_max_text(example_options(), slow, {}), HasSubstr("below 100/s"));
  EXPECT_EQ(exit_code_of(slow), ExitCode::slo_failed);
  EXPECT_THAT(find_max_text(example_options(), fast, {}), HasSubstr("at least 100 000/s"));
  EXPECT_EQ(exit_code_of(fast), ExitCode::done);
}

TEST(FindMaxReport, JsonHasEveryTrial) {
  const FindMaxResult result = search_to(20'000);

  const Json json = find_max_json(example_options(), result);

  EXPECT_EQ(json["schema"], "weir.load.find-max/1");
  EXPECT_EQ(json["end"], "bracketed");
  EXPECT_EQ(json["trials"].size(), result.trials.size());
  EXPECT_EQ(json["trials"][0]["rate"], 100);
  EXPECT_EQ(json["trials"][0]["outcome"], "held");
  EXPECT_EQ(json["trials"][0]["slo"][0]["expr"], "p99<5ms");
  EXPECT_DOUBLE_EQ(json["lower"], *result.lower);
}

}  // namespace
}  // namespace weir::tools::load
