// Two results of the micro benchmarks: how Google Benchmark's JSON is read, what counts as slower.
#include "tools/weir/bench/compare/compare_micros.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/support/example_suite.h"
#include "tools/weir/bench/compare/missing_entries.h"
#include "tools/weir/bench/compare/stored.h"
#include "tools/weir/bench/report/suite_json.h"

namespace weir::tools::bench {
namespace {

using load::ComparisonVerdict;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Json repetition(const std::string& name, double cpu_time, const char* unit = "ns") {
  return {{"name", name},         {"run_name", name},           {"run_type", "iteration"},
          {"cpu_time", cpu_time}, {"real_time", 10 * cpu_time}, {"time_unit", unit}};
}

Json file_of(const std::vector<Json>& entries) {
  return {{"context", {{"host_name", "here"}, {"num_cpus", 2}, {"library_build_type", "release"}}},
          {"benchmarks", entries}};
}

/// One benchmark with these processor times.
Json file_of_times(const std::vector<double>& times_ns) {
  std::vector<Json> entries;
  for (const double time_ns : times_ns) entries.push_back(repetition("Move/bytes:64", time_ns));
  return file_of(entries);
}

StoredMicros micros(const Json& json) { return *micros_of(json, "example"); }

std::vector<MicroChange> changes_of(const std::vector<double>& before,
                                    const std::vector<double>& after) {
  return compare_micros(micros(file_of_times(before)), micros(file_of_times(after)));
}

TEST(CompareMicros, ADifferenceIsFurtherThanTheRepetitionsAreApart) {
  struct Pair {
    const char* name;
    std::vector<double> before;
    std::vector<double> after;
    ComparisonVerdict verdict;
  };
  for (const Pair& one :
       {Pair{"slower", {30, 31, 32}, {40, 41, 42}, ComparisonVerdict::slower},
        Pair{"faster", {42, 40, 41}, {31, 30, 32}, ComparisonVerdict::faster},
        Pair{"repetitions overlap",
             {30, 31, 50},
             {45, 46, 47},
             ComparisonVerdict::no_difference_shown},
        Pair{"less than a tenth",
             {300, 301, 302},
             {325, 326, 327},
             ComparisonVerdict::no_difference_shown},
        Pair{"too few then", {30, 30}, {60, 60, 60}, ComparisonVerdict::no_difference_shown},
        Pair{"too few now", {30, 30, 30}, {60}, ComparisonVerdict::no_difference_shown},
        Pair{"the same", {30, 30, 30}, {30, 30, 30}, ComparisonVerdict::no_difference_shown}}) {
    SCOPED_TRACE(one.name);

    const auto changes = changes_of(one.before, one.after);

    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].verdict, one.verdict);
    EXPECT_EQ(is_slower(changes), one.verdict == ComparisonVerdict::slower);
  }
}

TEST(CompareMicros, TimesAreReadAsNanosecondsOfTheClockThatTheBenchmarkAsksFor) {
  struct Entry {
    Json json;
    double time_ns;
  };
  for (const Entry& one :
       {Entry{repetition("Move", 2), 2}, Entry{repetition("Move", 2, "us"), 2e3},
        Entry{repetition("Move", 2, "ms"), 2e6}, Entry{repetition("Move", 2, "s"), 2e9},
        Entry{repetition("Trip/spin_us:0/real_time", 2), 20},
        Entry{repetition("Trip/manual_time", 2), 20}}) {
    SCOPED_TRACE(one.json.dump());

    EXPECT_THAT(micros(file_of({one.json})).benchmarks.at(0).times_ns, ElementsAre(one.time_ns));
  }
}

TEST(CompareMicros, AggregatesAreNoRepetitions) {
  Json mean = repetition("Move", 30);
  mean.update({{"name", "Move_mean"}, {"run_type", "aggregate"}, {"aggregate_name", "mean"}});
  const StoredMicros only_mean = micros(file_of({mean}));

  const auto changes = compare_micros(only_mean, only_mean);

  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].name, "Move");
  EXPECT_TRUE(changes[0].has_too_few_repetitions());
  EXPECT_THAT(micros(file_of({repetition("Move", 31), mean})).benchmarks.at(0).times_ns,
              ElementsAre(31));
}

TEST(CompareMicros, DifferencesHaveALineAndTheRestIsCounted) {
  EXPECT_THAT(changes_text(changes_of({30, 31, 32}, {40, 41, 42})),
              AllOf(HasSubstr("Move/bytes:64"), HasSubstr("31 [30, 32] -> 41 [40, 42]  slower"),
                    HasSubstr("0 of 1 comparisons"), Not(HasSubstr("--benchmark_repetitions"))));
  EXPECT_THAT(changes_text(changes_of({30}, {90})),
              AllOf(Not(HasSubstr("Move")),
                    HasSubstr("no verdict on 1 of 1: one of the two has "
                              "fewer than 3 repetitions"),
                    HasSubstr("--benchmark_repetitions=3")));
}

TEST(CompareMicros, ABenchmarkThatIsGoneOrFailsNowIsMissing) {
  const StoredMicros then = micros(file_of_times({30, 31, 32}));
  Json failed = repetition("Move/bytes:64", 0);
  failed.update({{"error_occurred", true}, {"error_message", "wrong sum"}});
  const StoredMicros fails = micros(file_of({failed}));
  const StoredMicros none = micros(file_of({}));

  EXPECT_THAT(missing_entries(then.benchmarks, then.benchmarks), IsEmpty());
  EXPECT_THAT(missing_entries(then.benchmarks, none.benchmarks),
              ElementsAre("Move/bytes:64: not measured now"));
  EXPECT_THAT(missing_entries(then.benchmarks, fails.benchmarks),
              ElementsAre("Move/bytes:64: failed now: wrong sum"));
  EXPECT_THAT(missing_entries(fails.benchmarks, none.benchmarks),
              IsEmpty());  // there was nothing to lose
  EXPECT_THAT(compare_micros(then, fails), IsEmpty());
}

TEST(CompareMicros, ABenchmarkInAnUnknownUnitHasFailed) {
  const StoredMicros then = micros(file_of_times({30, 31, 32}));
  const StoredMicros now = micros(file_of({repetition("Move/bytes:64", 30, "fortnights")}));

  EXPECT_THAT(
      missing_entries(then.benchmarks, now.benchmarks),
      ElementsAre("Move/bytes:64: failed now: its time unit, \"fortnights\", is not known"));
}

TEST(CompareMicros, AnotherMachineOrNumberOfRepetitionsIsTold) {
  Json elsewhere = file_of_times({30, 30, 30, 30, 30});
  elsewhere["context"]["host_name"] = "there";
  elsewhere["context"]["library_build_type"] = "debug";

  EXPECT_THAT(
      different_settings(micros(file_of_times({30, 30, 30})).settings, micros(elsewhere).settings),
      ElementsAre("build of Google Benchmark: release then, debug now",
                  "host: here then, there now", "repetitions: 3 then, 5 now"));
}

TEST(CompareMicros, ACutResultIsIncomplete) {
  Json json = file_of_times({30, 31, 32});
  json["benchmarks"][1].erase("cpu_time");
  Json wrong = file_of_times({30, 31, 32});
  wrong["benchmarks"][0] = 7;

  EXPECT_THAT(micros_of(json, "x.json").error(), HasSubstr("x.json: the result is incomplete"));
  EXPECT_THAT(micros_of(wrong, "x.json").error(), HasSubstr("incomplete"));
}

TEST(CompareMicros, OnlyWhatGoogleBenchmarkWroteIsTakenForIt) {
  EXPECT_TRUE(is_micros(file_of({})));
  EXPECT_FALSE(is_micros(suite_json(example_suite(), "weir bench echo")));
  EXPECT_FALSE(is_micros({{"context", {}}, {"benchmarks", "none"}}));
  EXPECT_FALSE(is_micros(Json::array()));
}

TEST(CompareMicros, AResultOfAnotherKindIsNotComparedWithThem) {
  const Stored micro = *stored_of(file_of_times({30, 31, 32}), "micro.json");
  const Stored suites = *stored_of(suite_json(example_suite(), "weir bench echo"), "bench.json");

  EXPECT_EQ(kind_of(micro), "micro benchmarks");
  EXPECT_EQ(kind_of(suites), "suites");
  EXPECT_EQ(print_comparison(micro, suites), ExitCode::bad_usage);
  EXPECT_EQ(print_comparison(suites, micro), ExitCode::bad_usage);
  EXPECT_EQ(print_comparison(micro, micro), ExitCode::done);
}

TEST(CompareMicros, WhatOnlyLeavesOutIsMissingInNeither) {
  Options options;
  options.only = std::regex("^Copy");
  Stored stored = micros(file_of({repetition("Move", 1), repetition("Copy", 1)}));

  keep_selected(stored, options);

  ASSERT_EQ(std::get<StoredMicros>(stored).benchmarks.size(), 1U);
  EXPECT_EQ(std::get<StoredMicros>(stored).benchmarks[0].name, "Copy");
}

}  // namespace
}  // namespace weir::tools::bench
