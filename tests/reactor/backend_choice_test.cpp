// The decision between io_uring and epoll, on machines that exist only here.
#include "reactor/backend_choice.h"

#include <cerrno>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::reactor {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// Everything works.
UringProbe good_probe() {
  UringProbe probe;
  probe.good_enough = probe.defer_taskrun = probe.multishot_receive = true;
  probe.features = {{"multishot receive", FeatureState::used, "", ""},
                    {"zero-copy send", FeatureState::unavailable, "EINVAL", "Linux 6.0"}};
  return probe;
}

UringProbe failing_probe(int setup_error) {
  UringProbe probe;
  probe.setup_error = setup_error;
  return probe;
}

TEST(BackendChoice, AutomaticTakesRingsWhereTheyWork) {
  const UringProbe probe = good_probe();

  const auto report = decide_backend(Backend::automatic, {.probe = &probe});

  ASSERT_TRUE(report);
  EXPECT_EQ(report->backend, Backend::io_uring);
  EXPECT_THAT(report->reason, HasSubstr("DEFER_TASKRUN"));
  EXPECT_THAT(report->remedy, IsEmpty());
  EXPECT_EQ(report->features.at(0).state, FeatureState::used);
}

TEST(BackendChoice, AutomaticTakesEpollWhereRingsWouldBeSlower) {
  UringProbe probe = good_probe();
  probe.good_enough = probe.defer_taskrun = false;

  const auto report = decide_backend(Backend::automatic, {.probe = &probe});

  ASSERT_TRUE(report);
  EXPECT_EQ(report->backend, Backend::epoll);
  EXPECT_THAT(report->reason, HasSubstr("without DEFER_TASKRUN"));
  EXPECT_THAT(report->remedy, HasSubstr("6.1"));
}

TEST(BackendChoice, OnlyErrorsThatMeanUnavailableFallBack) {
  struct Case {
    int error;
    int io_uring_disabled;
    const char *reason, *remedy;
  };
  for (const Case& c : {Case{EPERM, 0, "seccomp", "docker run --security-opt seccomp="},
                        Case{EPERM, BackendEvidence::unknown, "seccomp", "seccomp profile"},
                        Case{EPERM, 1, "kernel.io_uring_disabled is 1", "io_uring_group"},
                        Case{EPERM, 2, "kernel.io_uring_disabled is 2", "sysctl -w"},
                        Case{ENOSYS, BackendEvidence::unknown, "ENOSYS", "Linux 6.1"},
                        Case{EINVAL, 0, "EINVAL", "Linux 6.1"}}) {
    SCOPED_TRACE(c.error);
    const UringProbe probe = failing_probe(c.error);

    const auto report = decide_backend(Backend::automatic,
                                       {.probe = &probe, .io_uring_disabled = c.io_uring_disabled});

    ASSERT_TRUE(report);
    EXPECT_EQ(report->backend, Backend::epoll);
    EXPECT_THAT(report->reason, HasSubstr(c.reason));
    EXPECT_THAT(report->remedy, HasSubstr(c.remedy));
  }
}

TEST(BackendChoice, WantOfCapacityStaysAnError) {
  for (const int error : {ENOMEM, EMFILE, ENFILE}) {
    const UringProbe probe = failing_probe(error);

    for (const Backend wish : {Backend::automatic, Backend::io_uring}) {
      const auto report = decide_backend(wish, {.probe = &probe});

      ASSERT_FALSE(report);
      EXPECT_EQ(report.error(), from_errno(error));
    }
  }
}

TEST(BackendChoice, ForcedRingsAreTakenEvenWhereTheyAreSlower) {
  UringProbe probe = good_probe();
  probe.good_enough = false;

  const auto report = decide_backend(Backend::io_uring, {.probe = &probe});

  ASSERT_TRUE(report);
  EXPECT_EQ(report->backend, Backend::io_uring);
  EXPECT_THAT(report->reason, HasSubstr("asked for"));
}

TEST(BackendChoice, ForcedAndUnavailableIsAnError) {
  for (const int error : {EPERM, ENOSYS, EINVAL}) {
    const UringProbe probe = failing_probe(error);

    const auto by_option = decide_backend(Backend::io_uring, {.probe = &probe});
    const auto by_environment =
        decide_backend(Backend::automatic, {.probe = &probe, .environment = "io_uring"});

    ASSERT_FALSE(by_option);
    EXPECT_EQ(by_option.error(), Error::backend_unavailable);
    ASSERT_FALSE(by_environment);
    EXPECT_EQ(by_environment.error(), Error::backend_unavailable);
  }
}

TEST(BackendChoice, EnvironmentDecidesWhatTheOptionLeavesOpen) {
  const UringProbe probe = good_probe();

  const auto named = decide_backend(Backend::automatic, {.probe = &probe, .environment = "epoll"});
  const auto open = decide_backend(Backend::automatic, {.probe = &probe, .environment = "auto"});
  const auto option = decide_backend(Backend::io_uring, {.probe = &probe, .environment = "epoll"});

  ASSERT_TRUE(named && open && option);
  EXPECT_EQ(named->backend, Backend::epoll);
  EXPECT_THAT(named->reason, HasSubstr("WEIR_BACKEND"));
  EXPECT_EQ(open->backend, Backend::io_uring);
  EXPECT_EQ(option->backend, Backend::io_uring);
}

TEST(BackendChoice, UnknownNameInTheEnvironmentIsRefused) {
  const UringProbe probe = good_probe();

  for (const char* const name : {"iouring", "kqueue", "EPOLL"}) {
    const auto report = decide_backend(Backend::automatic, {.probe = &probe, .environment = name});

    ASSERT_FALSE(report) << name;
    EXPECT_EQ(report.error(), Error::option_invalid);
  }
}

TEST(BackendChoice, EpollReportsRingFeaturesAsUnused) {
  const UringProbe probe = good_probe();

  const auto report = decide_backend(Backend::epoll, {.probe = &probe});

  ASSERT_TRUE(report);
  EXPECT_EQ(report->features.at(0).state, FeatureState::unused);
  EXPECT_EQ(report->features.at(1).state, FeatureState::unavailable);
}

}  // namespace
}  // namespace weir::reactor
