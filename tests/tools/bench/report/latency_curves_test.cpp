#include "tools/weir/bench/report/latency_curves.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/example_suite.h"

namespace weir::tools::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

TEST(LatencyCurves, DrawOneForEachContenderButNotForWeirsSecondName) {
  const std::string figure = latency_curves(example_case(1.0));

  EXPECT_THAT(figure,
              AllOf(HasSubstr("id=\"latency-echo-64B-c64-d1\""), HasSubstr("raw_epoll p50: 22 µs"),
                    HasSubstr("uv p99: 45 µs"), Not(HasSubstr("again"))));
  EXPECT_EQ(count_of(figure, "<li>"), 5U);
}

TEST(LatencyCurves, OfAClosedLoopSayThatNothingWasCorrected) {
  const std::string figure = latency_curves(example_case(1.0));

  EXPECT_THAT(figure, HasSubstr("closed loop: from send to answer, not corrected for coordinated "
                                "omission; all rounds together; logarithmic"));
}

TEST(LatencyCurves, OfAGivenRateCountFromWhenRequestsWereDue) {
  CaseResult result = example_case(1.0);
  for (ContenderResult& contender : result.contenders) contender.latency->start = LatencyStart::due;

  EXPECT_THAT(latency_curves(result), AllOf(HasSubstr("open loop: from when each request was due"),
                                            Not(HasSubstr("omission"))));
}

TEST(LatencyCurves, EndWhereFewerThanTenRequestsTookLonger) {
  const std::string figure = latency_curves(example_case(1.0));

  // Of 2000 the 99.5th percentile is the last with ten beyond it.
  EXPECT_THAT(figure, AllOf(HasSubstr("99 %</text>"), Not(HasSubstr("99.9 %</text>"))));
}

TEST(LatencyCurves, WhoeverHasNoLookLeftIsNamed) {
  CaseResult result = example_case(1.0);
  for (const char* name : {"asio", "evt", "other", "ninth"}) {
    result.contenders.push_back(example_contender(name, Role::library, "", 1.2));
  }

  const std::string figure = latency_curves(result);

  EXPECT_EQ(count_of(figure, "<li>"), 8U);
  EXPECT_THAT(figure, AllOf(HasSubstr("series s8"), HasSubstr("; not drawn: ninth<")));
}

TEST(LatencyCurves, WithoutLatenciesThereIsNoFigure) {
  CaseResult result = example_case(1.0);
  for (ContenderResult& contender : result.contenders) contender.latency.reset();

  EXPECT_THAT(latency_curves(result), IsEmpty());
}

}  // namespace
}  // namespace weir::tools::bench
