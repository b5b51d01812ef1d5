// Messages one way: what is said of ages and segments follows the numbers.
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"
#include "tools/weir/bench/nagle/findings.h"

namespace weir::tools::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using test::are_expected;
using test::far_path;
using test::sentences;
using ::testing::AllOf;
using ::testing::HasSubstr;

CellSummary paced(microseconds interval, WriteMode mode, double p50_us, double segments) {
  return test::cell(paced_cell("N6", interval, mode, milliseconds(1)),
                    {{{Metric::p50_us, p50_us}, {Metric::segments_per_message, segments}}},
                    far_path);
}

TEST(StreamFindings, NagleSendsOnceARoundTrip) {
  const microseconds often(1000);

  const auto older = findings_of(std::vector{paced(often, WriteMode::nagle, 10'500, 0.1),
                                             paced(often, WriteMode::nodelay, 5100, 1)});
  const auto equal = findings_of(std::vector{paced(often, WriteMode::nagle, 5100, 1),
                                             paced(often, WriteMode::nodelay, 5100, 1)});

  EXPECT_TRUE(are_expected(older, "N6"));
  EXPECT_THAT(sentences(older, "N6"),
              AllOf(HasSubstr("10.5 ms old"), HasSubstr("1.0 segments a round trip"),
                    HasSubstr("what is written meanwhile waits")));
  EXPECT_FALSE(are_expected(equal, "N6"));
  EXPECT_THAT(sentences(equal, "N6"), HasSubstr("no difference in age was shown"));
}

TEST(StreamFindings, NagleMakesNoDifferenceToWhatIsWrittenLessOftenThanARoundTrip) {
  const microseconds seldom(20'000);

  const auto equal = findings_of(std::vector{paced(seldom, WriteMode::nagle, 5100, 1),
                                             paced(seldom, WriteMode::nodelay, 5100, 1)});
  const auto older = findings_of(std::vector{paced(seldom, WriteMode::nagle, 10'500, 1),
                                             paced(seldom, WriteMode::nodelay, 5100, 1)});

  EXPECT_TRUE(are_expected(equal, "N6"));
  EXPECT_FALSE(are_expected(older, "N6"));
}

std::vector<CellSummary> batches(double segments) {
  const auto values = [](double count) {
    return std::vector<test::Values>{{{Metric::segments_per_message, count}}};
  };
  const microseconds interval(20);
  return {
      test::cell(paced_cell("N10", interval, WriteMode::nodelay, milliseconds(1)), values(1)),
      test::cell(batch_cell("N10", interval, milliseconds(1), milliseconds(1)), values(segments))};
}

TEST(StreamFindings, AnApplicationThatGathersSavesSegmentsIfItDid) {
  const auto saves = findings_of(batches(0.05));
  const auto does_not = findings_of(batches(0.95));

  EXPECT_TRUE(are_expected(saves, "N10"));
  EXPECT_THAT(sentences(saves, "N10"), AllOf(HasSubstr("batch 1448 B, 1.0 ms: 0.05 segments"),
                                             HasSubstr("has few segments")));
  EXPECT_FALSE(are_expected(does_not, "N10"));
  EXPECT_THAT(sentences(does_not, "N10"), HasSubstr("should have fewer segments, and has not"));
}

}  // namespace
}  // namespace weir::tools::bench
