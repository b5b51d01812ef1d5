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
      body(1000, WriteMode::nagle), body(2000, WriteMode::nagle), body(1000, WriteMode::nodelay)};

  const std::vector<StudyPlot> plots = study_plots(cells);

  ASSERT_EQ(plots.size(), 1U);
  EXPECT_EQ(plots[0].file, "nagle-body-size.svg");
  EXPECT_THAT(plots[0].svg, AllOf(HasSubstr("largest segment: 1448 B"), HasSubstr("(small)"),
                                  HasSubstr("4 + 2000 B, Nagle&#39;s algorithm: 40 us")));
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
