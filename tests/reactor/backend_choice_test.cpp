// The decision between io_uring and epoll, on machines that exist only here.
#include "reactor/backend_choice.h"

#include <cerrno>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::reactor {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// Everything works.
UringProbe good_probe() {
  UringProbe probe;
  probe.extended_argument = probe.cancel = probe.buffer_ring = true;
  probe.defer_taskrun = probe.multishot_receive = true;
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
  struct Case {
    bool UringProbe::* missing;
    const char* name;
  };
  for (const Case& c : {Case{&UringProbe::defer_taskrun, "deferred completions"},
                        Case{&UringProbe::multishot_receive, "multishot receive"}}) {
    SCOPED_TRACE(c.name);
    UringProbe probe = good_probe();
    probe.*c.missing = false;

    const auto automatic = decide_backend(Backend::automatic, {.probe = &probe});
    const auto forced = decide_backend(Backend::io_uring, {.probe = &probe});

    ASSERT_TRUE(automatic && forced);
    EXPECT_EQ(automatic->backend, Backend::epoll);
    EXPECT_THAT(automatic->reason, EndsWith(std::string("faster than epoll: ") + c.name));
    EXPECT_EQ(automatic->remedy, "Linux 6.1 or newer");
    EXPECT_EQ(forced->backend, Backend::io_uring);
    EXPECT_THAT(forced->reason, HasSubstr("asked for"));
  }
}

TEST(BackendChoice, NobodyGetsRingsThatLackWhatAReactorNeeds) {
  struct Case {
    bool UringProbe::* missing;
    const char* name;
  };
  for (const Case& c :
       {Case{&UringProbe::extended_argument, "wait timeout"}, Case{&UringProbe::cancel, "cancel"},
        Case{&UringProbe::buffer_ring, "buffer ring"}}) {
    SCOPED_TRACE(c.name);
    UringProbe probe = good_probe();
    probe.*c.missing = false;

    const auto automatic = decide_backend(Backend::automatic, {.probe = &probe});
    const auto forced = decide_backend(Backend::io_uring, {.probe = &probe});

    ASSERT_TRUE(automatic);
    EXPECT_EQ(automatic->backend, Backend::epoll);
    EXPECT_THAT(automatic->reason, EndsWith(std::string("can't be used without: ") + c.name));
    EXPECT_EQ(automatic->remedy, "Linux 6.1 or newer");
    ASSERT_FALSE(forced);
    EXPECT_EQ(forced.error().error, Error::backend_unavailable);
    EXPECT_THAT(forced.error().reason, StartsWith("io_uring was asked for, but it lacks "));
    EXPECT_THAT(forced.error().reason, EndsWith(c.name));
  }
}

TEST(BackendChoice, WhatIsSwitchedOffIsToBeSwitchedOnAgain) {
  UringProbe probe = good_probe();
  probe.cancel = probe.buffer_ring = probe.extended_argument = false;
  probe.features = {{"wait timeout", FeatureState::unavailable, "", ""},
                    {"cancel", FeatureState::disabled, "", ""},
                    {"buffer ring", FeatureState::disabled, "", ""}};

  const auto report = decide_backend(Backend::automatic, {.probe = &probe});

  ASSERT_TRUE(report);
  EXPECT_THAT(report->reason, EndsWith(": wait timeout, cancel, buffer ring"));
  EXPECT_EQ(report->remedy, "take cancel,buffer-ring out of WEIR_DISABLE; Linux 6.1 or newer");
}

TEST(BackendChoice, TheRemedyIsOfTheCause) {
  struct Case {
    FeatureState cancel, buffer_ring;
    const char* remedy;
  };
  constexpr auto refused = FeatureState::unavailable;
  constexpr auto faulty = FeatureState::failed_self_test;
  constexpr auto off = FeatureState::disabled;
  for (const Case& c : {
           Case{refused, refused, "Linux 6.1 or newer"},
           Case{off, off, "take cancel,buffer-ring out of WEIR_DISABLE"},
           Case{faulty, faulty, "a kernel on which the self-test passes: cancel, buffer ring"},
           Case{refused, faulty,
                "a kernel on which the self-test passes: buffer ring; Linux 6.1 or newer"},
           Case{refused, off, "take buffer-ring out of WEIR_DISABLE; Linux 6.1 or newer"},
           Case{faulty, off,
                "take buffer-ring out of WEIR_DISABLE; "
                "a kernel on which the self-test passes: cancel"},
       }) {
    SCOPED_TRACE(c.remedy);
    UringProbe probe = good_probe();
    probe.cancel = probe.buffer_ring = false;
    probe.features = {{"cancel", c.cancel, "", ""}, {"buffer ring", c.buffer_ring, "", ""}};

    const auto report = decide_backend(Backend::automatic, {.probe = &probe});
    const auto refusal = decide_backend(Backend::io_uring, {.probe = &probe});

    ASSERT_TRUE(report && !refusal);
    EXPECT_EQ(report->remedy, c.remedy);
    EXPECT_EQ(refusal.error().remedy,
              std::string("ask for auto or epoll; to have io_uring: ") + c.remedy);
  }
}

TEST(BackendChoice, WhatIsSlowForAFaultHasARemedyForTheFault) {
  UringProbe probe = good_probe();
  probe.multishot_receive = false;
  probe.features = {{"multishot receive", FeatureState::failed_self_test, "loses bytes", ""}};

  const auto report = decide_backend(Backend::automatic, {.probe = &probe});

  ASSERT_TRUE(report);
  EXPECT_EQ(report->backend, Backend::epoll);
  EXPECT_EQ(report->remedy, "a kernel on which the self-test passes: multishot receive");
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
      EXPECT_EQ(report.error().error, from_errno(error));
      EXPECT_THAT(report.error().reason, HasSubstr(from_errno(error).message()));
      EXPECT_THAT(report.error().remedy, HasSubstr("epoll"));  // auto is refused as well
      EXPECT_THAT(report.error().remedy, Not(HasSubstr("auto")));
    }
  }
}

TEST(BackendChoice, ForcedAndUnavailableIsARefusalThatSaysWhoAskedAndWhatWouldHelp) {
  for (const int error : {EPERM, ENOSYS, EINVAL}) {
    UringProbe probe = failing_probe(error);
    probe.features = {{"multishot receive", FeatureState::unavailable, "EPERM", ""}};

    const auto by_option = decide_backend(Backend::io_uring, {.probe = &probe});
    const auto by_environment =
        decide_backend(Backend::automatic, {.probe = &probe, .environment = "io_uring"});

    ASSERT_FALSE(by_option);
    EXPECT_EQ(by_option.error().error, Error::backend_unavailable);
    EXPECT_THAT(by_option.error().reason, StartsWith("io_uring was asked for, but "));
    EXPECT_THAT(by_option.error().remedy, StartsWith("ask for auto or epoll; to have io_uring: "));
    ASSERT_FALSE(by_environment);
    EXPECT_EQ(by_environment.error().error, Error::backend_unavailable);
    EXPECT_THAT(by_environment.error().reason, StartsWith("WEIR_BACKEND asks for io_uring, but "));
    EXPECT_THAT(by_environment.error().remedy,
                StartsWith("unset WEIR_BACKEND; to have io_uring: "));
    for (const auto& report : {by_option, by_environment}) {
      EXPECT_THAT(report.error().reason, HasSubstr(from_errno(error).message()));
      EXPECT_EQ(report.error().features.size(), 1U);
    }
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
    EXPECT_EQ(report.error().error, Error::option_invalid);
    EXPECT_THAT(report.error().reason, HasSubstr(std::string("WEIR_BACKEND is \"") + name + '"'));
    EXPECT_THAT(report.error().remedy, HasSubstr("auto, io_uring or epoll"));
  }
}

TEST(BackendChoice, WhatIsSwitchedOffInVainIsToldInReportsAndRefusals) {
  struct Case {
    std::vector<std::string> unknown;
    const char* warning;
  };
  const Case cases[] = {
      {{}, ""},
      {{"multishot-recieve"},
       "WEIR_DISABLE lists \"multishot-recieve\", which names no feature; "
       "known are multishot-receive, zero-copy-send"},
      {{"x", " y"},
       "WEIR_DISABLE lists \"x\", \" y\", which name no features; "
       "known are multishot-receive, zero-copy-send"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.warning);
    UringProbe good = good_probe();
    good.unknown_disabled = c.unknown;
    UringProbe bad = good;
    bad.setup_error = EPERM;

    const auto rings = decide_backend(Backend::io_uring, {.probe = &good});
    const auto automatic = decide_backend(Backend::automatic, {.probe = &good});
    const auto epoll = decide_backend(Backend::epoll, {.probe = &good});
    const auto fallback = decide_backend(Backend::automatic, {.probe = &bad});
    const auto refusal = decide_backend(Backend::io_uring, {.probe = &bad});

    ASSERT_TRUE(rings && automatic && epoll && fallback && !refusal);
    EXPECT_EQ(automatic->backend, Backend::io_uring);
    EXPECT_EQ(fallback->backend, Backend::epoll);
    for (const auto& report : {rings, automatic, epoll, fallback}) {
      EXPECT_EQ(report->warning, c.warning);
    }
    EXPECT_EQ(refusal.error().warning, c.warning);
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
