// Which plots there are, and of what.
#include "tools/weir/bench/nagle/study_plots.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;
using test::far_path;
using ::testing::AllOf;
using ::testing::HasSubstr;

CellSummary body(std::size_t bytes, WriteMode mode) {
  return test::cell(exchange_cell("N3", {4, bytes}, mode, milliseconds(1)),
                    {{{Metric::p50_us, 40}}}, {.mtu = 1500}, "small");
}

TEST(StudyPlots, ShowOnlyWhatWasMeasured) {
  const std::vector<CellSummary> cells = {
      body(1000, WriteMode::nagle), body(2000, WriteMode::nagle), body(1000, WriteMode::nodelay),
      body(2000, WriteMode::nodelay)};

  const std::vector<StudyPlot> plots = study_plots(cells);

  ASSERT_EQ(plots.size(), 1U);
  EXPECT_EQ(plots[0].file, "nagle-body-size.svg");
  EXPECT_THAT(plots[0].svg, AllOf(HasSubstr("largest segment: 1448 B"), HasSubstr("(small)"),
                                  HasSubstr("4 + 2000 B, Nagle&#39;s algorithm: 40 us")));
  EXPECT_TRUE(study_plots({}).empty());
}

/// Two intervals in both modes.
std::vector<CellSummary> aged(double late_us) {
  std::vector<CellSummary> cells;
  for (const int interval_ms : {1, 5}) {
    for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay}) {
      cells.push_back(test::cell(paced_cell("N6", milliseconds(interval_ms), mode, milliseconds(1)),
                                 {{{Metric::p50_us, 10'000}, {Metric::relay_late_us, late_us}}},
                                 far_path, "relay"));
    }
  }
  return cells;
}

TEST(StudyPlots, LeaveOutWhatCannotBeTrusted) {
  EXPECT_EQ(study_plots(aged(400)).size(), 1U);
  EXPECT_TRUE(study_plots(aged(600)).empty());
}

TEST(StudyPlots, ShowNoLineOfOnePoint) {
  std::vector<CellSummary> cells = aged(400);
  cells.pop_back();

  EXPECT_TRUE(study_plots(cells).empty());
}

TEST(StudyPlots, AreDrawnOfThePathThatTheyAreAbout) {
  std::vector<CellSummary> cells;
  for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay}) {
    for (const std::size_t bytes : {1000UL, 2000UL}) {
      cells.push_back(test::cell(exchange_cell("N3", {4, bytes}, mode, milliseconds(1)),
                                 {{{Metric::p50_us, 40}}}));
      cells.push_back(body(bytes, mode));
    }
  }

  const std::vector<StudyPlot> plots = study_plots(cells);

  ASSERT_EQ(plots.size(), 1U);
  EXPECT_THAT(plots[0].title, HasSubstr("(small)"));
}

}  // namespace
}  // namespace weir::tools::bench
