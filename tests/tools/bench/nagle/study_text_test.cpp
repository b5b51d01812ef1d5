// The table: which headings it has, and which cells it marks.
#include "tools/weir/bench/nagle/study_text.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;
using test::far_path;
using test::study;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

CellSummary far_exchange(double late_us) {
  return test::cell(
      exchange_cell("N2", {4, 60}, WriteMode::nagle, milliseconds(1)),
      {{{Metric::p50_us, 64'000}, {Metric::relay_late_us, late_us}, {Metric::relay_lost, 3}}},
      far_path, "relay, RTT 10 ms");
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

}  // namespace
}  // namespace weir::tools::bench
