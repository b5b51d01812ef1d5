#include "tools/weir/bench/rounds/load_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

using testing::HasSubstr;

/// Whose load is busy all the time.
ContenderResult contender(double server_ns, double client_ns, double busy = 0.97) {
  ContenderResult result;
  for (int round = 0; round < 3; ++round) {
    result.samples.add(SuiteMetric::cpu, server_ns);
    result.samples.add(SuiteMetric::client_cpu, client_ns);
    result.samples.add(SuiteMetric::rate, busy * 1e9 / client_ns);
  }
  return result;
}

CaseResult case_of(std::vector<ContenderResult> contenders) {
  CaseResult result;
  result.spec.unit = "connection";
  result.spec.compared = {{.metric = SuiteMetric::rate, .targets = {.over_library = 1.0}}};
  result.contenders = std::move(contenders);
  return result;
}

TEST(LoadLimit, IsToldWhereTheLoadIsTheSlowerSideBesideEveryServer) {
  const auto note = load_limit_note(
      case_of({contender(36'000, 70'000), contender(47'000, 66'000), contender(90'000, 112'000)}));

  ASSERT_TRUE(note);
  EXPECT_THAT(*note, HasSubstr("a connection (66.0 to 112.0 us)"));
  EXPECT_THAT(*note, HasSubstr("(36.0 to 90.0 us)"));
}

TEST(LoadLimit, IsNotToldIfOneServerIsSlowerThanTheLoad) {
  EXPECT_FALSE(load_limit_note(
      case_of({contender(36'000, 70'000), contender(71'000, 66'000), contender(40'000, 60'000)})));
}

TEST(LoadLimit, IsNotToldWhereTheLoadWaits) {
  // One connection at a time: each side waits for the other.
  EXPECT_FALSE(load_limit_note(case_of({contender(36'000, 70'000, 0.6)})));
}

TEST(LoadLimit, IsNotToldWhereNoRateIsJudgedOrOneSideIsNotKnown) {
  CaseResult shown_only = case_of({contender(36'000, 70'000)});
  shown_only.spec.compared.front().targets = {};
  CaseResult unknown = case_of({contender(36'000, 70'000)});
  unknown.contenders.front().samples = {};

  EXPECT_TRUE(load_limit_note(case_of({contender(36'000, 70'000)})));
  EXPECT_FALSE(load_limit_note(shown_only));
  EXPECT_FALSE(load_limit_note(unknown));
  EXPECT_FALSE(load_limit_note(case_of({})));
}

}  // namespace
}  // namespace weir::tools::bench
