// SIGINT and SIGTERM while a runtime runs: the first drains, the second cancels.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>

#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/core/drain.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

class SignalTest : public test::BackendTest {
 protected:
  [[nodiscard]] RuntimeOptions draining_options() const {
    RuntimeOptions draining = options(2);
    draining.signals = SignalPolicy::drain;
    return draining;
  }
};
WEIR_ON_EACH_BACKEND(SignalTest);

bool is_blocked(int signal) {
  sigset_t mask;
  EXPECT_EQ(::pthread_sigmask(SIG_SETMASK, nullptr, &mask), 0);
  return sigismember(&mask, signal) == 1;
}

TEST_P(SignalTest, TheFirstDrains) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto result = weir::run(draining_options(), [signal]() -> Task<Result<void>> {
      ::kill(::getpid(), signal);
      const Result<void> begun = co_await drain_begun();
      EXPECT_TRUE(begun);
      // Nothing is cancelled yet.
      const Result<void> slept = co_await sleep_for(std::chrono::milliseconds(1));
      co_return slept;
    });

    EXPECT_TRUE(result);
  }
}

TEST_P(SignalTest, TheSecondCancels) {
  const auto result = weir::run(draining_options(), []() -> Task<Result<void>> {
    ::raise(SIGTERM);
    const Result<void> begun = co_await drain_begun();
    EXPECT_TRUE(begun);
    ::raise(SIGINT);
    const Result<void> slept = co_await sleep_for(Duration::max());
    co_return slept;
  });

  EXPECT_EQ(result.error(), Error::cancelled);
}

TEST_P(SignalTest, TwoAtOnceAreTheFirstAndTheSecond) {
  const auto result = weir::run(draining_options(), []() -> Task<Result<void>> {
    ::raise(SIGTERM);
    ::raise(SIGINT);
    const Result<void> begun = co_await drain_begun();
    EXPECT_TRUE(begun);
    const Result<void> slept = co_await sleep_for(Duration::max());
    co_return slept;
  });

  EXPECT_EQ(result.error(), Error::cancelled);
}

TEST_P(SignalTest, AfterTheRunTheyAreAsTheyWere) {
  const bool blocked_before = is_blocked(SIGTERM);

  const auto result = weir::run(draining_options(), []() -> Task<bool> {
    co_return is_blocked(SIGTERM) && is_blocked(SIGINT);
  });

  EXPECT_TRUE(*result);
  EXPECT_EQ(is_blocked(SIGTERM), blocked_before);
}

// Otherwise the process would die of it when the signals are let through again.
TEST_P(SignalTest, OneThatComesWhileMainEndsIsTheRunsToo) {
  const auto result = weir::run(draining_options(), []() -> Task<int> {
    ::raise(SIGTERM);
    ::kill(::getpid(), SIGINT);
    co_return 1;
  });

  EXPECT_EQ(*result, 1);
}

TEST_P(SignalTest, AreLeftAloneIfToldSo) {
  const auto result = run([]() -> Task<bool> { co_return is_blocked(SIGTERM); });

  EXPECT_FALSE(*result);
}

}  // namespace
}  // namespace weir
