// io_uring forbidden by a seccomp filter, as Docker's default profile does it, and WEIR_BACKEND.
//
// A process decides once, and a filter can't be taken off again: each case runs in a process of its
// own ("threadsafe" death tests execute the binary anew) and ends it with success if all was right.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/word_exchange.h"
#include "weir/weir.h"

namespace weir {
namespace {

constexpr int right = 0;
constexpr int wrong = 1;

void say(std::string_view text) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

/// EPERM for the three system calls of io_uring; every other one passes. False: not possible here.
bool forbid_io_uring() {
  constexpr auto number_at = static_cast<std::uint32_t>(offsetof(seccomp_data, nr));
  constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;
  std::array<sock_filter, 6> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number_at),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_enter, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_register, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, refuse),
  }};
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

Result<std::string> run_with(Backend backend) {
  return run({.backend = backend, .signals = SignalPolicy::leave}, test::exchange_a_word);
}

/// Whether a runtime works with `wish`, on `expected`.
[[noreturn]] void end_after_checking_that_it_runs(Backend wish, Backend expected) {
  const Result<BackendReport> report = backend_report(wish);
  if (!report) {
    say("no report: " + report.error().message());
    std::_Exit(wrong);
  }
  say(summary(*report));
  const Result<std::string> word = run_with(wish);
  const bool works = word && *word == "word";
  say(works ? "the word arrived" : "the word did not arrive");
  std::_Exit(works && report->backend == expected ? right : wrong);
}

/// Whether a runtime refuses to begin with `error`.
[[noreturn]] void end_after_checking_that_it_refuses(Backend wish, const std::error_code& error) {
  const auto report = explain_backend(wish);
  const Result<std::string> word = run_with(wish);
  if (report || word) {
    say("it does not refuse");
    std::_Exit(wrong);
  }
  const BackendRefusal& refusal = report.error();
  say(refusal.reason + "; " + refusal.remedy);
  const bool is_expected = refusal.error == error && word.error() == error &&
                           backend_report(wish).error() == error && !refusal.features.empty();
  std::_Exit(is_expected ? right : wrong);
}

void ask_for(const char* backend) { ::setenv("WEIR_BACKEND", backend, 1); }

class ForbiddenIoUringTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    ::unsetenv("WEIR_BACKEND");
  }
};

class SeccompTest : public ForbiddenIoUringTest {
 protected:
  void SetUp() override {
    ForbiddenIoUringTest::SetUp();
    if (!can_forbid_io_uring()) GTEST_SKIP() << "no seccomp filter can be installed here";
  }

 private:
  /// Tried in a child, since a filter can't be taken off again.
  static bool can_forbid_io_uring() {
    const pid_t child = ::fork();
    if (child == 0) std::_Exit(forbid_io_uring() ? right : wrong);
    int status = -1;
    return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
  }
};

TEST_F(SeccompTest, AutomaticTakesEpollAndSaysWhy) {
  EXPECT_EXIT(
      {
        if (!forbid_io_uring()) std::_Exit(wrong);
        end_after_checking_that_it_runs(Backend::automatic, Backend::epoll);
      },
      ::testing::ExitedWithCode(right),
      "backend epoll: io_uring is forbidden.*remedy: .*\n.*the word arrived");
}

TEST_F(SeccompTest, AskedForItIsAnError) {
  EXPECT_EXIT(
      {
        if (!forbid_io_uring()) std::_Exit(wrong);
        end_after_checking_that_it_refuses(Backend::io_uring, Error::backend_unavailable);
      },
      ::testing::ExitedWithCode(right),
      "io_uring was asked for, but io_uring is forbidden: .*EPERM.*; ask for auto or epoll");
}

TEST_F(SeccompTest, AskedForByTheEnvironmentItIsAnErrorToo) {
  EXPECT_EXIT(
      {
        ask_for("io_uring");
        if (!forbid_io_uring()) std::_Exit(wrong);
        end_after_checking_that_it_refuses(Backend::automatic, Error::backend_unavailable);
      },
      ::testing::ExitedWithCode(right),
      "WEIR_BACKEND asks for io_uring, but io_uring is forbidden: .*EPERM.*; unset WEIR_BACKEND");
}

TEST_F(SeccompTest, TheReportTellsOfEveryFeatureThatItIsUnavailable) {
  EXPECT_EXIT(
      {
        if (!forbid_io_uring()) std::_Exit(wrong);
        const Result<BackendReport> report = backend_report();
        if (!report || report->features.empty()) std::_Exit(wrong);
        for (const BackendFeature& feature : report->features) {
          say(feature.name + ": " + feature.detail);
          if (feature.state != FeatureState::unavailable) std::_Exit(wrong);
        }
        std::_Exit(right);
      },
      ::testing::ExitedWithCode(right), "no ring can be set up");
}

TEST_F(ForbiddenIoUringTest, TheEnvironmentAsksForEpollWhereBothWork) {
  EXPECT_EXIT(
      {
        ask_for("epoll");
        end_after_checking_that_it_runs(Backend::automatic, Backend::epoll);
      },
      ::testing::ExitedWithCode(right), "backend epoll: WEIR_BACKEND asks for epoll");
}

TEST_F(ForbiddenIoUringTest, TheEnvironmentAsksForIoUringWhereItWorks) {
  if (!backend_report(Backend::io_uring)) GTEST_SKIP() << "no io_uring here";
  EXPECT_EXIT(
      {
        ask_for("io_uring");
        end_after_checking_that_it_runs(Backend::automatic, Backend::io_uring);
      },
      ::testing::ExitedWithCode(right), "backend io_uring: WEIR_BACKEND asks for io_uring");
}

TEST_F(ForbiddenIoUringTest, AnOptionOutranksTheEnvironment) {
  EXPECT_EXIT(
      {
        ask_for("io_uring");
        end_after_checking_that_it_runs(Backend::epoll, Backend::epoll);
      },
      ::testing::ExitedWithCode(right), "backend epoll: epoll was asked for");
}

TEST_F(ForbiddenIoUringTest, AnEnvironmentThatNamesNoBackendIsAnError) {
  EXPECT_EXIT(
      {
        ask_for("kqueue");
        end_after_checking_that_it_refuses(Backend::automatic, Error::option_invalid);
      },
      ::testing::ExitedWithCode(right),
      "WEIR_BACKEND is \"kqueue\".*; set WEIR_BACKEND to auto, io_uring or epoll");
}

}  // namespace
}  // namespace weir
