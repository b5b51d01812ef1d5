#include "tools/weir/load/engine/dispatcher.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

/// Has room for `room` more.
class Sink final : public RequestSink {
 public:
  explicit Sink(std::size_t requests) : room(requests) {}
  void send(const TimedRequest& request) override {
    --room;
    numbers.push_back(request.number);
    last = request;
  }
  [[nodiscard]] bool has_room() const noexcept override { return room > 0; }

  std::size_t room;
  std::vector<std::uint64_t> numbers;
  TimedRequest last;
};

TimedRequest request(std::uint64_t number, TimePoint due = Clock::now()) {
  return {.due = due, .number = number, .is_measured = true};
}

constexpr DispatcherOptions queueing = {.queue_max = 2, .timeout = 5s};

TEST(Dispatcher, TakesTurnsAmongThoseWithRoom) {
  Tally tally;
  Dispatcher dispatcher(queueing, tally);
  Sink a(2);
  Sink b(1);
  dispatcher.add_room(a);
  dispatcher.add_room(b);

  for (const std::uint64_t number : {0UL, 1UL, 2UL}) dispatcher.offer(request(number));

  EXPECT_THAT(a.numbers, ElementsAre(0, 2));
  EXPECT_THAT(b.numbers, ElementsAre(1));
  EXPECT_EQ(tally.of(request(0)).requests.offered, 3U);
}

TEST(Dispatcher, KeepsWhatNobodyHasRoomForInOrder) {
  Tally tally;
  Dispatcher dispatcher(queueing, tally);
  Sink sink(0);
  for (const std::uint64_t number : {0UL, 1UL, 2UL}) dispatcher.offer(request(number));
  EXPECT_EQ(dispatcher.queued(), 2U);
  EXPECT_EQ(tally.of(request(0)).requests.dropped, 1U) << "the bound is 2";

  sink.room = 3;
  dispatcher.add_room(sink);
  dispatcher.offer(request(3));

  EXPECT_THAT(sink.numbers, ElementsAre(0, 1, 3));
  EXPECT_EQ(dispatcher.queued(), 0U);
}

TEST(Dispatcher, TellsWaitingForAConnectionFromBeingLate) {
  Tally tally;
  Dispatcher dispatcher(queueing, tally);
  Sink sink(1);
  const TimePoint due = Clock::now() - 1s;
  dispatcher.offer(request(0, due));

  dispatcher.add_room(sink);

  EXPECT_GE(sink.last.free, due + 1s);
  Sink idle(1);
  dispatcher.add_room(idle);
  dispatcher.offer(request(1, due));
  EXPECT_EQ(idle.last.free, due) << "a connection was free all the time: the generator was late";
}

TEST(Dispatcher, DropsAtOnceWithoutAQueue) {
  Tally tally;
  Dispatcher dispatcher({.queue_max = 0, .timeout = 5s}, tally);

  dispatcher.offer(request(0));

  EXPECT_EQ(tally.of(request(0)).requests.dropped, 1U);
  EXPECT_EQ(dispatcher.queued(), 0U);
}

TEST(Dispatcher, GivesUpWhatHasWaitedTooLong) {
  Tally tally;
  Dispatcher dispatcher(queueing, tally);
  const TimePoint now = Clock::now();
  dispatcher.offer(request(0, now - 6s));
  dispatcher.offer(request(1, now));

  dispatcher.expire(now);

  const Interval& interval = tally.of(request(0));
  EXPECT_EQ(interval.requests.expired, 1U);
  EXPECT_EQ(interval.latency.response.censored_count(), 1U);
  EXPECT_EQ(dispatcher.queued(), 1U);
  Sink sink(1);
  dispatcher.add_room(sink);
  EXPECT_THAT(sink.numbers, ElementsAre(1));
}

TEST(Dispatcher, DoesNotSendWhatHasExpiredMeanwhile) {
  Tally tally;
  Dispatcher dispatcher(queueing, tally);
  dispatcher.offer(request(0, Clock::now() - 6s));
  Sink sink(1);

  dispatcher.add_room(sink);

  EXPECT_THAT(sink.numbers, IsEmpty());
  EXPECT_EQ(tally.of(request(0)).requests.expired, 1U);
}

TEST(Dispatcher, ARemovedSinkGetsNothing) {
  Tally tally;
  Dispatcher dispatcher(queueing, tally);
  Sink sink(2);
  dispatcher.add_room(sink);

  dispatcher.remove(sink);
  dispatcher.offer(request(0));

  EXPECT_THAT(sink.numbers, IsEmpty());
  EXPECT_EQ(dispatcher.queued(), 1U);
}

TEST(Dispatcher, WhatIsLeftAtTheEndIsUnsentAtItsAge) {
  Tally tally;
  Dispatcher dispatcher(queueing, tally);
  const TimePoint now = Clock::now();
  dispatcher.offer(request(0, now - 1s));

  dispatcher.abandon(now);

  const Interval& interval = tally.of(request(0));
  EXPECT_EQ(interval.requests.unsent, 1U);
  EXPECT_GE(interval.latency.response.max().value, 1'000'000'000U);
  EXPECT_TRUE(interval.latency.response.max().is_lower_bound);
}

}  // namespace
}  // namespace weir::tools::load
