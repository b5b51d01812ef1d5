// Real processes that only sleep, and a load that makes its values up.
#include "tools/weir/bench/rounds/run_case.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ContenderSpec sleeper(const std::string& name, Role role) {
  return {.name = name,
          .role = role,
          .command = {"/bin/sh", "-c", "echo READY " + name + "; exec sleep 60"}};
}

/// Always the same rate; none in some cells of one server.
class MadeUpLoad final : public CaseLoad {
 public:
  /// The cells of `raw` without a rate; number 0 is that of the traced run.
  explicit MadeUpLoad(unsigned lacks_from = 0, unsigned lacks_to = 0)
      : lacks_from_(lacks_from), lacks_to_(lacks_to) {}

  CellOr run(RunningContender& server, std::chrono::milliseconds /*duration*/,
             CellObserver& /*observer*/) override {
    const unsigned cell = cells_[server.address()]++;
    Cell made{.units = 1};
    const bool lacks = server.address() == "raw" && cell >= lacks_from_ && cell < lacks_to_;
    if (!lacks) made.values.emplace_back(SuiteMetric::rate, 1000.0);
    return made;
  }

 private:
  unsigned lacks_from_;
  unsigned lacks_to_;
  std::map<std::string, unsigned> cells_;
};

CaseResult run(const RoundPlan& plan, std::shared_ptr<CaseLoad> load) {
  CaseSpec spec{.suite = "echo", .name = "made-up", .title = "made up", .unit = "request"};
  spec.contenders = {sleeper("weir", Role::weir), sleeper("raw", Role::raw)};
  spec.compared = {{.metric = SuiteMetric::rate, .targets = {}}};
  spec.load = std::move(load);
  return run_case(spec, plan, [](unsigned, unsigned, std::string_view) {});
}

TEST(RunCase, RunsAllItsRoundsUnlessThePrecisionIsAskedFor) {
  const CaseResult result = run({.rounds = 27}, std::make_shared<MadeUpLoad>());

  EXPECT_THAT(result.failure, IsEmpty());
  EXPECT_EQ(result.rounds, 27U);
  EXPECT_THAT(result.notes, IsEmpty());
}

TEST(RunCase, EndsWithTheFirstLookThatFindsItPrecise) {
  const CaseResult result = run({.rounds = 96, .precision = 0.02}, std::make_shared<MadeUpLoad>());

  EXPECT_EQ(result.rounds, 24U);
  EXPECT_EQ(result.comparisons.size(), 1U);
}

TEST(RunCase, ARoundThatLacksAValueIsLeftOutForAllAndTold) {
  const CaseResult result = run({.rounds = 6}, std::make_shared<MadeUpLoad>(2, 4));

  EXPECT_EQ(result.rounds, 4U);
  for (const ContenderResult& contender : result.contenders) {
    EXPECT_EQ(contender.samples.of(SuiteMetric::rate).size(), 4U) << contender.spec.name;
  }
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("2 of 6 rounds are left out")));
}

TEST(RunCase, FailsIfNoRoundIsWhole) {
  const CaseResult result = run({.rounds = 2}, std::make_shared<MadeUpLoad>(0, 10));

  EXPECT_EQ(result.rounds, 0U);
  EXPECT_THAT(result.failure, HasSubstr("2 of 2 rounds are left out"));
}

}  // namespace
}  // namespace weir::tools::bench
