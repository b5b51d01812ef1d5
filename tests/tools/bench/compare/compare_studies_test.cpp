// Two results of the Nagle study: what counts as slower, and what as missing.
#include "tools/weir/bench/compare/compare_studies.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/compare/missing_entries.h"
#include "tools/weir/bench/compare/stored.h"
#include "tools/weir/bench/nagle/cell_recipe.h"
#include "tools/weir/bench/nagle/study_json.h"

namespace weir::tools::bench {
namespace {

using load::ComparisonVerdict;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

CellSummary exchange(Metric metric, const std::vector<double>& rounds) {
  return test::cell(exchange_cell("N1", {4, 60}, WriteMode::nodelay, milliseconds(1)),
                    test::rounds_of(metric, rounds));
}

CellSummary flood(Metric metric, const std::vector<double>& rounds) {
  return test::cell(stream_cell("N5", 100, WriteMode::nodelay, milliseconds(1)),
                    test::rounds_of(metric, rounds));
}

StoredStudy stored_study(std::vector<CellSummary> cells) {
  return *study_of(study_json(test::study(std::move(cells)), "weir bench nagle"), "example");
}

ComparisonVerdict verdict(const CellSummary& before, const CellSummary& after, Metric metric) {
  const auto changes = compare_studies(stored_study({before}), stored_study({after}));
  return std::ranges::find(changes, metric, &CellChange::metric)->verdict;
}

TEST(CompareStudies, ADifferenceIsFurtherThanTheRoundsAreApart) {
  struct Pair {
    const char* name;
    std::vector<double> before;
    std::vector<double> after;
    ComparisonVerdict verdict;
  };
  for (const Pair& one :
       {Pair{"slower", {30, 31, 32}, {40, 41, 42}, ComparisonVerdict::slower},
        Pair{"faster", {40, 41, 42}, {30, 31, 32}, ComparisonVerdict::faster},
        Pair{"less than a fifth",
             {30, 31, 32},
             {35, 36, 37},
             ComparisonVerdict::no_difference_shown},
        Pair{"rounds overlap", {30, 31, 50}, {45, 46, 47}, ComparisonVerdict::no_difference_shown},
        Pair{"apart, but not by more than they are wide",
             {30, 35, 40},
             {45, 50, 55},
             ComparisonVerdict::no_difference_shown},
        Pair{"no noise at all", {30, 30, 30}, {40, 40, 40}, ComparisonVerdict::slower},
        Pair{"the same", {30, 30, 30}, {30, 30, 30}, ComparisonVerdict::no_difference_shown}}) {
    SCOPED_TRACE(one.name);

    EXPECT_EQ(verdict(exchange(Metric::p50_us, one.before), exchange(Metric::p50_us, one.after),
                      Metric::p50_us),
              one.verdict);
  }
}

TEST(CompareStudies, CostsAreComparedTooAndAFloodByItsRate) {
  for (const Metric metric : {Metric::segments_per_message, Metric::sender_calls_per_message,
                              Metric::sender_cpu_us_per_message}) {
    EXPECT_EQ(verdict(exchange(metric, {1, 1, 1}), exchange(metric, {2, 2, 2}), metric),
              ComparisonVerdict::slower)
        << to_text(metric);
  }
  const auto rates = [](double rate) { return flood(Metric::messages_per_s, {rate, rate, rate}); };

  EXPECT_EQ(verdict(rates(200), rates(100), Metric::messages_per_s), ComparisonVerdict::slower);
  EXPECT_EQ(verdict(rates(100), rates(200), Metric::messages_per_s), ComparisonVerdict::faster);
  for (const CellChange& one :
       compare_studies(stored_study({rates(1)}), stored_study({rates(1)}))) {
    EXPECT_NE(one.metric, Metric::p50_us);
  }
}

TEST(CompareStudies, OnlyDifferencesHaveALine) {
  const auto changes = compare_studies(stored_study({exchange(Metric::p50_us, {30, 31, 32})}),
                                       stored_study({exchange(Metric::p50_us, {60, 61, 62})}));

  EXPECT_TRUE(is_slower(changes));
  EXPECT_THAT(changes_text(changes),
              AllOf(HasSubstr("N1 4 + 60 B, nodelay, loopback"), HasSubstr("p50_us"),
                    HasSubstr("31.00 [30.00, 32.00] -> 61.00 [60.00, 62.00]  slower"),
                    HasSubstr("3 of 4 comparisons show no difference"),
                    Not(HasSubstr("segments_per_message"))));
}

TEST(CompareStudies, ALateRelayAndTwoRoundsGiveNoComparison) {
  CellSummary late = exchange(Metric::relay_late_us, {501, 501, 501});
  late.traits = test::far_path;
  const CellSummary few = exchange(Metric::p50_us, {30, 31});

  EXPECT_THAT(compare_studies(stored_study({late}), stored_study({late})), IsEmpty());
  EXPECT_THAT(compare_studies(stored_study({few}), stored_study({few})), IsEmpty());
}

TEST(CompareStudies, ACellThatIsGoneOrFailsNowIsMissing) {
  const CellSummary cell = exchange(Metric::p50_us, {30, 31, 32});
  CellSummary failed = cell;
  failed.failure = "sender: refused";
  const std::string name = "N1 4 + 60 B, nodelay, loopback";

  EXPECT_THAT(missing_entries(stored_study({cell}).cells, stored_study({cell}).cells), IsEmpty());
  EXPECT_THAT(missing_entries(stored_study({cell}).cells, stored_study({}).cells),
              ElementsAre(name + ": not measured now"));
  EXPECT_THAT(missing_entries(stored_study({cell}).cells, stored_study({failed}).cells),
              ElementsAre(name + ": failed now: sender: refused"));
  EXPECT_THAT(missing_entries(stored_study({failed}).cells, stored_study({}).cells),
              IsEmpty());  // nothing to lose
}

TEST(CompareStudies, AnotherEffortIsTold) {
  StudyResult longer = test::study({});
  longer.effort = Effort::full;
  longer.rounds = 5;
  longer.cell = milliseconds(600);

  EXPECT_THAT(different_settings(stored_study({}).settings,
                                 study_of(study_json(longer, ""), "example")->settings),
              ElementsAre("cell of ms: 0 then, 600 now", "effort: quick then, full now",
                          HasSubstr("then, 5 now")));
}

TEST(CompareStudies, ACutResultIsIncomplete) {
  Json json = study_json(test::study({exchange(Metric::p50_us, {1, 2, 3})}), "");
  json["cells"][0]["rounds"][0].erase("p50_us");

  EXPECT_TRUE(is_study(json));
  EXPECT_THAT(study_of(json, "x.json").error(), HasSubstr("x.json: the result is incomplete"));
  EXPECT_FALSE(is_study(Json::array()));
}

TEST(Stored, AResultOfTheOtherKindIsNotCompared) {
  const Stored study = stored_study({exchange(Metric::p50_us, {30, 31, 32})});
  const Stored suites = StoredResult();

  EXPECT_EQ(print_comparison(study, suites), ExitCode::bad_usage);
  EXPECT_EQ(print_comparison(study, study), ExitCode::done);
}

TEST(Stored, WhatIsNoResultIsRefused) {
  EXPECT_THAT(read_stored("/no/such/file").error(), HasSubstr("no result of weir bench"));
}

TEST(Stored, WhatOnlyLeavesOutIsMissingInNeither) {
  Options options;
  options.only = std::regex("^N5");
  Stored study =
      stored_study({exchange(Metric::p50_us, {1, 2, 3}), flood(Metric::p50_us, {1, 2, 3})});

  keep_selected(study, options);

  ASSERT_EQ(std::get<StoredStudy>(study).cells.size(), 1U);
  EXPECT_THAT(std::get<StoredStudy>(study).cells[0].name, HasSubstr("N5 100 B"));
}

}  // namespace
}  // namespace weir::tools::bench
