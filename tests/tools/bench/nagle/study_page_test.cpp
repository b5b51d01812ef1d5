// The table and the page: what is marked, what is left out, which plots there are.
#include "tools/weir/bench/nagle/study_page.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"
#include "tools/weir/bench/nagle/study_plots.h"
#include "tools/weir/bench/nagle/study_text.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;
using test::far_path;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

CellSummary far_exchange(double late_us) {
  return test::cell(
      exchange_cell("N2", {4, 60}, WriteMode::nagle, milliseconds(1)),
      {{{Metric::p50_us, 64'000}, {Metric::relay_late_us, late_us}, {Metric::relay_lost, 3}}},
      far_path, "relay, RTT 10 ms");
}

StudyResult study(std::vector<CellSummary> cells) {
  StudyResult result;
  result.cells = std::move(cells);
  result.rounds = 1;
  result.congestion_control = "cubic";
  return result;
}

TEST(StudyTable, MarksACellWhoseRelayWasLate) {
  const std::string punctual = study_table(study({far_exchange(400)}));
  const std::string late = study_table(study({far_exchange(600)}));

  EXPECT_THAT(punctual, AllOf(HasSubstr("relay: late by 400 us at most (p99), 3 packets dropped"),
                              Not(HasSubstr("not to be trusted"))));
  EXPECT_THAT(late, HasSubstr("not to be trusted: the relay was late by 600 us"));
}

TEST(StudyTable, HasAHeadingForEachScenarioAndPath) {
  const CellSummary here = test::cell(exchange_cell("N4", {64}, WriteMode::nagle, milliseconds(1)),
                                      {{{Metric::p50_us, 20}}});

  const std::string table = study_table(study({here, here, far_exchange(1)}));

  EXPECT_EQ(table.find("N4 on loopback"), table.rfind("N4 on loopback"));
  EXPECT_THAT(table, HasSubstr("N2 on relay, RTT 10 ms"));
}

TEST(StudyPage, SaysWhatAPathIsAndWhatWasLeftOut) {
  StudyResult result = study({far_exchange(400)});
  result.left_out = {"virtual Ethernet: no rights"};

  const std::string page = study_page(result, "a machine", "weir bench nagle");

  EXPECT_THAT(page, AllOf(HasSubstr("## On relay, RTT 10 ms\n\nTwo network namespaces with a TUN"),
                          HasSubstr("## Left out\n\n- virtual Ethernet: no rights"),
                          HasSubstr("Measured by `weir bench nagle` on a machine.")));
}

CellSummary body(std::size_t bytes, WriteMode mode) {
  return test::cell(exchange_cell("N3", {4, bytes}, mode, milliseconds(1)),
                    {{{Metric::p50_us, 40}}}, {.mtu = 1500}, "small");
}

TEST(StudyPlots, ShowOnlyWhatWasMeasured) {
  const std::vector<CellSummary> cells = {
      body(1000, WriteMode::nagle), body(2000, WriteMode::nagle), body(1000, WriteMode::nodelay)};

  const std::vector<StudyPlot> plots = study_plots(cells);

  ASSERT_EQ(plots.size(), 1U);
  EXPECT_EQ(plots[0].file, "nagle-body-size.svg");
  EXPECT_THAT(plots[0].svg, AllOf(HasSubstr("largest segment: 1448 B"), HasSubstr("(small)"),
                                  HasSubstr("4 + 2000 B, Nagle&#39;s algorithm: 40 us")));
  EXPECT_THAT(study_page(study(cells), "", ""), HasSubstr("(nagle-body-size.svg)"));
  EXPECT_TRUE(study_plots({}).empty());
}

TEST(StudyPlots, LeaveOutWhatCannotBeTrusted) {
  const auto aged = [](double late_us) {
    return test::cell(paced_cell("N6", milliseconds(1), WriteMode::nagle, milliseconds(1)),
                      {{{Metric::p50_us, 10'000}, {Metric::relay_late_us, late_us}}}, far_path,
                      "relay");
  };

  EXPECT_EQ(study_plots(std::vector{aged(400)}).size(), 1U);
  EXPECT_TRUE(study_plots(std::vector{aged(600)}).empty());
}

TEST(StudyPlots, AreDrawnOfThePathThatTheyAreAbout) {
  const CellSummary big = test::cell(
      exchange_cell("N3", {4, 1000}, WriteMode::nagle, milliseconds(1)), {{{Metric::p50_us, 40}}});

  const std::vector<StudyPlot> plots = study_plots(std::vector{big, body(2000, WriteMode::nagle)});

  ASSERT_EQ(plots.size(), 1U);
  EXPECT_THAT(plots[0].title, HasSubstr("(small)"));
}

}  // namespace
}  // namespace weir::tools::bench
