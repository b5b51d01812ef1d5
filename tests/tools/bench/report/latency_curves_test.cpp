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

/// The class of the curve with the mark that begins so: `series s2`.
std::string look_of(std::string_view figure, std::string_view mark) {
  const std::size_t begin = figure.rfind("class=\"", figure.find(mark)) + 7;
  return std::string(figure.substr(begin, figure.find('"', begin) - begin));
}

TEST(LatencyCurves, TheLookIsTheContendersAlsoWhereValuesAreKnownFromBelowOnly) {
  CaseResult result = example_case(1.0);
  for (int i = 0; i < 100; ++i) {
    result.contenders[0].latency->samples.record_censored(100'000);  // a second line of its own
  }
  CellLatency bounds;
  for (int i = 0; i < 2000; ++i) bounds.samples.record_censored(100'000);
  result.contenders[1].latency = bounds;  // nothing but such a line

  const std::string figure = latency_curves(result);

  EXPECT_EQ(look_of(figure, "weir_uring p50"), "series s1");
  EXPECT_EQ(look_of(figure, "weir_uring p99"), "series s1");
  EXPECT_EQ(look_of(figure, "weir_epoll p50"), "series s2");
  EXPECT_EQ(look_of(figure, "raw_epoll p50"), "series s3");
  EXPECT_EQ(look_of(figure, "uv p50"), "series s5");
  EXPECT_EQ(count_of(figure, "<li>"), 5U);
  EXPECT_EQ(count_of(figure, "stroke-dasharray=\"1 4\""), 2U);
}

TEST(LatencyCurves, WithoutLatenciesThereIsNoFigure) {
  CaseResult result = example_case(1.0);
  for (ContenderResult& contender : result.contenders) contender.latency.reset();

  EXPECT_THAT(latency_curves(result), IsEmpty());
}

}  // namespace
}  // namespace weir::tools::bench
