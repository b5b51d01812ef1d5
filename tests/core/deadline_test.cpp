#include "weir/core/deadline.h"

#include <chrono>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

class DeadlineTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(DeadlineTest);

constexpr Duration an_hour = std::chrono::hours(1);
constexpr Duration a_moment = std::chrono::microseconds(100);

std::size_t timers_armed() { return Shard::current().timers().size(); }

/// Keeps the thread busy until the clock has passed `time`.
void pass(TimePoint time) {
  while (Clock::now() <= time) {
  }
}

Task<Result<void>> wait_for(Event* event) {
  const Result<void> set = co_await event->wait();
  co_return set;
}

TEST_P(DeadlineTest, LeavesAloneWhatEndsInTime) {
  const auto ended = run([]() -> Task<void> {
    const std::size_t armed_before = timers_armed();
    Event event;
    Scope scope;
    scope.spawn([](Event* at, std::size_t armed) -> Task<void> {
      co_await yield();
      EXPECT_EQ(timers_armed(), armed + 1);
      at->set();
    }(&event, armed_before));

    const Result<void> set = co_await with_timeout(an_hour, event.wait());

    EXPECT_TRUE(set);
    EXPECT_EQ(timers_armed(), armed_before);
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, CancelsWhatDoesNot) {
  const auto ended = run([]() -> Task<void> {
    Event event;
    const TimePoint deadline = Clock::now() + a_moment;

    const Result<void> operation = co_await with_deadline(deadline, event.wait());
    EXPECT_GE(Clock::now(), deadline);
    const Result<void> task = co_await with_timeout(a_moment, wait_for(&event));

    EXPECT_EQ(operation.error(), Error::deadline_exceeded);
    EXPECT_EQ(task.error(), Error::deadline_exceeded);
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, ThatHasPassedStartsNothing) {
  const auto ended = run([]() -> Task<void> {
    const std::uint64_t before = Shard::current().stats().resumed;
    Event event;
    event.set();

    const Result<void> operation = co_await with_deadline(Clock::now(), event.wait());
    const Result<void> slept = co_await with_timeout(-a_moment, sleep_for(an_hour));
    const Result<void> task = co_await with_deadline(TimePoint::min(), wait_for(&event));

    EXPECT_EQ(operation.error(), Error::deadline_exceeded);
    EXPECT_EQ(slept.error(), Error::deadline_exceeded);
    EXPECT_EQ(task.error(), Error::deadline_exceeded);
    EXPECT_EQ(Shard::current().stats().resumed, before);  // nothing was suspended
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, LetsAResultStandThatIsThereAtTheSameTime) {
  const auto ended = run([]() -> Task<void> {
    Event event;
    Scope scope;
    // So far off that the wait has begun by then on a machine that is busy, too.
    const TimePoint deadline = Clock::now() + std::chrono::milliseconds(100);
    scope.spawn([](Event* at, TimePoint due) -> Task<void> {
      pass(due);
      at->set();  // the timer is due in the same turn, after this
      co_return;
    }(&event, deadline));

    const Result<void> set = co_await with_deadline(deadline, event.wait());

    EXPECT_TRUE(set);
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, ThatIsOverBeforeTheResultLosesNothing) {
  const auto ended = run([]() -> Task<void> {
    Event event;

    const Result<void> first = co_await with_timeout(a_moment, event.wait());
    event.set();
    const Result<void> second = co_await event.wait();

    EXPECT_EQ(first.error(), Error::deadline_exceeded);
    EXPECT_TRUE(second);
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, NestedTheEarlierOneCounts) {
  const auto ended = run([]() -> Task<void> {
    Event event;

    const Result<void> inner = co_await with_timeout(an_hour, with_timeout(a_moment, event.wait()));
    const Result<void> outer = co_await with_timeout(a_moment, with_timeout(an_hour, event.wait()));

    EXPECT_EQ(inner.error(), Error::deadline_exceeded);
    EXPECT_EQ(outer.error(), Error::deadline_exceeded);
    EXPECT_EQ(timers_armed(), 0U);
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, IsNotTheReasonWhenSomebodyElseCancels) {
  const auto ended = run([]() -> Task<void> {
    Scope scope;
    scope.spawn([]() -> Task<void> {
      Event event;
      const Result<void> set = co_await with_timeout(an_hour, with_timeout(an_hour, event.wait()));
      EXPECT_EQ(set.error(), Error::shutting_down);
    }());
    co_await yield();

    scope.cancel(Error::shutting_down);
    co_await scope.join();

    EXPECT_EQ(timers_armed(), 0U);
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, OfATaskReachesWhatTheTaskStartsLater) {
  const auto ended = run([]() -> Task<void> {
    const auto twice = []() -> Task<int> {
      Event event;
      const Result<void> first = co_await event.wait();
      EXPECT_EQ(first.error(), Error::deadline_exceeded);
      const Result<void> second = co_await sleep_for(an_hour);
      EXPECT_EQ(second.error(), Error::deadline_exceeded);
      co_return 2;
    };

    const int value = co_await with_timeout(a_moment, twice());

    EXPECT_EQ(value, 2);
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, OfNeverArmsNothing) {
  const auto ended = run([]() -> Task<void> {
    Event event;
    Scope scope;
    scope.spawn([](Event* at) -> Task<void> {
      const Result<void> set = co_await with_timeout(Duration::max(), at->wait());
      EXPECT_TRUE(set);
    }(&event));
    co_await yield();

    EXPECT_EQ(timers_armed(), 0U);
    event.set();
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, ArmsNothingForWhatIsReady) {
  const auto ended = run([]() -> Task<void> {
    const auto count_timers = []() -> Task<std::size_t> { co_return timers_armed(); };

    const std::size_t armed = co_await with_timeout(an_hour, count_timers());

    EXPECT_EQ(armed, 0U);
  });

  EXPECT_TRUE(ended);
}

TEST(Deadline, NeverAwaitedNeedsNoShard) {
  const auto nothing = []() -> Task<void> { co_return; };

  static_cast<void>(with_timeout(an_hour, nothing()));
  static_cast<void>(shielded(nothing()));
}

TEST_P(DeadlineTest, ShieldedIsOutOfReach) {
  const auto ended = run([]() -> Task<void> {
    Event event;
    Scope scope;
    scope.spawn([](Event* at) -> Task<void> {
      const Result<void> set = co_await shielded(wait_for(at));
      EXPECT_TRUE(set);
      const Result<void> late = co_await shielded(with_timeout(a_moment, sleep_for(an_hour)));
      EXPECT_EQ(late.error(), Error::deadline_exceeded);
      const Result<void> open = co_await at->wait();
      EXPECT_EQ(open.error(), Error::cancelled);
    }(&event));
    co_await yield();

    scope.cancel();
    co_await yield();
    EXPECT_EQ(scope.running(), 1U);
    event.set();
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(DeadlineTest, WithDomainFollowsThatDomainAlone) {
  const auto ended = run([]() -> Task<void> {
    Event event;
    CancelDomain domain;
    Scope scope;
    scope.spawn([](Event* at, CancelDomain* in) -> Task<void> {
      const Result<void> set = co_await with_domain(*in, at->wait());
      EXPECT_EQ(set.error(), Error::shutting_down);
    }(&event, &domain));
    co_await yield();

    scope.cancel();
    co_await yield();
    EXPECT_EQ(scope.running(), 1U);
    domain.request(Error::shutting_down);
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir
