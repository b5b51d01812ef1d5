// The table: which headings it has, and which cells it marks.
#include "tools/weir/bench/nagle/study_text.h"

#include <sstream>
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

std::string longest_line(const std::string& text) {
  std::string longest;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > longest.size()) longest = line;
  }
  return longest;
}

TEST(StudyTable, HasTheTimesAndTheCostsOfACell) {
  CellSpec spec = exchange_cell("N1", {4, 60}, WriteMode::nagle, milliseconds(1));
  spec.acks = AckMode::quick;
  const CellSummary cell = test::cell(spec, {{{Metric::p50_us, 44'000},
                                              {Metric::p99_us, 44'100},
                                              {Metric::p999_us, 45'200},
                                              {Metric::stalls, 0.97},
                                              {Metric::messages_per_s, 12'345'678},
                                              {Metric::segments_per_message, 2},
                                              {Metric::bytes_per_segment, 60'914},
                                              {Metric::acks_per_message, 3},
                                              {Metric::sender_calls_per_message, 5},
                                              {Metric::sender_cpu_us_per_message, 1234},
                                              {Metric::merged_reads, 1},
                                              {Metric::cut_messages, 1}}});

  const std::string table = study_table(study({cell}));

  EXPECT_THAT(table, AllOf(HasSubstr("44.0 ms   44.1 ms   45.2 ms     97%    12345678"),
                           HasSubstr("2.00  60914   3.00   5.00 1234.00   100%  100%")));
  EXPECT_LE(longest_line(table).size(), 100U) << longest_line(table);
}

TEST(StudyTable, LeavesOutWhatACellDoesNotHave) {
  const CellSummary cell = test::cell(stream_cell("N5", 1, WriteMode::nagle, milliseconds(1)),
                                      {{{Metric::messages_per_s, 1000}}});

  const std::string table = study_table(study({cell}));

  EXPECT_THAT(table, HasSubstr("-         -         -       -        1000"));
}

}  // namespace
}  // namespace weir::tools::bench
