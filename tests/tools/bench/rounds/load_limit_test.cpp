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

TEST(LoadLimit, NamesTheServersBesideWhichTheLoadIsTheSlowerSide) {
  CaseResult result =
      case_of({contender(36'000, 50'000), contender(58'000, 53'000), contender(40'000, 46'000)});
  result.contenders[0].spec.name = "weir_uring";
  result.contenders[1].spec.name = "asio_epoll";
  result.contenders[2].spec.name = "raw_epoll";

  const auto note = load_limit_note(result);

  ASSERT_TRUE(note);
  EXPECT_THAT(*note, HasSubstr("beside weir_uring, raw_epoll the load is the limit"));
  EXPECT_THAT(*note, HasSubstr("a connection than they do"));
}

TEST(LoadLimit, IsNotToldIfEveryServerIsSlowerThanTheLoad) {
  EXPECT_FALSE(load_limit_note(case_of({contender(71'000, 66'000), contender(60'000, 60'000)})));
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
