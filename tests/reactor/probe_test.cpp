// What becomes of the verdict of a self-test, with self-tests that say what they are told to say.
#include "reactor/uring/probe.h"

#include <array>
#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reactor/uring/self_test_bench.h"

namespace weir::reactor {
namespace {

using testing::ElementsAre;

Verdict works() { return {}; }
Verdict is_refused() { return refused(EOPNOTSUPP); }
Verdict fails() { return misbehaves("answers twice"); }

class ProbeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const Verdict verdict = test_ring())
      GTEST_SKIP() << "no io_uring here: " << verdict->detail;
  }
};

UringProbe probe_with(Verdict (*run)(), std::string_view disabled) {
  const std::array features{
      FeatureProbe{{"multishot accept", "does much", "Linux 99", run},
                   &UringProbe::multishot_accept},
      FeatureProbe{{"cancel", "stops it", "Linux 98", works}, &UringProbe::cancel}};
  return run_probes(features, disabled);
}

TEST_F(ProbeTest, AFeatureIsUsedOnlyIfItsSelfTestPasses) {
  struct Case {
    const char* name;
    Verdict (*run)();
    FeatureState state;
    const char *detail, *remedy;
  };
  for (const Case& c : {Case{"works", works, FeatureState::used, "does much", ""},
                        Case{"refused", is_refused, FeatureState::unavailable,
                             "Operation not supported (EOPNOTSUPP)", "Linux 99"},
                        Case{"fails", fails, FeatureState::failed_self_test, "answers twice",
                             "Linux 99; if this is one, a kernel without this fault"}}) {
    SCOPED_TRACE(c.name);

    const UringProbe probe = probe_with(c.run, /*disabled=*/"");

    EXPECT_EQ(probe.setup_error, 0);
    EXPECT_EQ(probe.multishot_accept, c.state == FeatureState::used);
    EXPECT_TRUE(probe.cancel);
    ASSERT_EQ(probe.features.size(), 2U);
    EXPECT_EQ(probe.features[0].name, "multishot accept");
    EXPECT_EQ(probe.features[0].state, c.state);
    EXPECT_EQ(probe.features[0].detail, c.detail);
    EXPECT_EQ(probe.features[0].remedy, c.remedy);
  }
}

TEST_F(ProbeTest, WhatIsListedIsNotTried) {
  for (const char* const list : {"multishot-accept", "multishot accept", "x,multishot-accept",
                                 "multishot-accept,,no-iowait"}) {
    const UringProbe probe = probe_with(fails, list);

    EXPECT_FALSE(probe.multishot_accept) << list;
    EXPECT_TRUE(probe.cancel) << list;
    EXPECT_EQ(probe.features.at(0).state, FeatureState::disabled) << list;
    EXPECT_EQ(probe.features.at(1).state, FeatureState::used) << list;
  }
}

TEST_F(ProbeTest, WhatIsListedByHalfIsTried) {
  for (const char* const list : {"", ",", "multishot", "accept", "multishot-accepts", " cancel",
                                 "multishot,accept", "Multishot-accept"}) {
    const UringProbe probe = probe_with(works, list);

    EXPECT_TRUE(probe.multishot_accept) << list;
    EXPECT_TRUE(probe.cancel) << list;
  }
}

TEST_F(ProbeTest, WhatIsNoNameIsKeptOnceAndChangesNothing) {
  const UringProbe probe = probe_with(works, "x,cancel,,multishot, cancel,x,Cancel");

  EXPECT_TRUE(probe.multishot_accept);
  EXPECT_FALSE(probe.cancel);
  EXPECT_THAT(probe.unknown_disabled, ElementsAre("x", "multishot", " cancel", "Cancel"));
}

TEST_F(ProbeTest, ZeroCopySendWorksAndIsNotUsed) {
  const std::array features{
      FeatureProbe{{"zero-copy send", "", "", works}, &UringProbe::zero_copy_send}};

  const UringProbe probe = run_probes(features, /*disabled=*/"");

  EXPECT_TRUE(probe.zero_copy_send);
  EXPECT_EQ(probe.features.at(0).state, FeatureState::unused);
}

}  // namespace
}  // namespace weir::reactor
