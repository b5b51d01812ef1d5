// How long a poll waits, on each backend. No test says "at most": the machine may be busy.
#include <chrono>
#include <thread>

#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

using reactor::Clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

class DeadlineTest : public ReactorTest {};
INSTANTIATE_TEST_SUITE_P(Backends, DeadlineTest, each_backend(), backend_name);

TEST_P(DeadlineTest, IdlePollDoesNotReturnBeforeItsDeadline) {
  for (const auto wait :
       {microseconds(1), microseconds(300), microseconds(1500), microseconds(12'345)}) {
    const auto deadline = Clock::now() + wait;

    reactor().poll(deadline);

    EXPECT_GE(Clock::now(), deadline);
  }
}

TEST_P(DeadlineTest, PassedDeadlineLooksWithoutWaiting) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);

  reactor().poll(Clock::time_point::min());
  reactor().poll(Clock::now() - milliseconds(1));
  reactor().poll(Clock::time_point{});
  EXPECT_TRUE(driver().ready().empty());
  pair.theirs.send("now");
  reactor().poll(Clock::time_point::min());

  EXPECT_FALSE(driver().ready().empty());
}

TEST_P(DeadlineTest, CompletionEndsThePollBeforeItsDeadline) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);
  std::thread peer([&] { pair.theirs.send("now"); });

  while (source.inbox.empty()) reactor().poll(Clock::time_point::max());
  peer.join();

  driver().run_ready();
  EXPECT_EQ(source.inbox, "now");
}

TEST_P(DeadlineTest, PollDoesNotWaitWhileSomethingIsReady) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);
  reactor().poll(Clock::time_point::min());
  reactor().cancel(source);

  while (source.in_flight() || !source.queued()) reactor().poll(Clock::time_point::max());
  driver().run_ready();

  EXPECT_EQ(source.runs, 1);
}

}  // namespace
}  // namespace weir::test
