// What the epoll reactor costs: system calls and memory. What it does is tested in
// tests/conformance.
#include "reactor/epoll/epoll_reactor.h"

#include <cerrno>
#include <chrono>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/numbered_stream.h"
#include "tests/support/reactor_driver.h"
#include "tests/support/stream_sockets.h"

namespace weir::test {
namespace {

using reactor::Clock;
using End = reactor::ReceiveSource::End;

/// Counts the system calls from here on.
class CallCounter {
 public:
  explicit CallCounter(const ReactorDriver& driver)
      : driver_(driver), before_(driver.stats().system_calls) {}
  [[nodiscard]] std::uint64_t count() const { return driver_.stats().system_calls - before_; }

 private:
  const ReactorDriver& driver_;
  std::uint64_t before_;
};

TEST(EpollReactor, IdlePollIsOneSystemCall) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  const CallCounter calls(driver);

  driver.turns(10);

  EXPECT_EQ(calls.count(), 10U);
}

TEST(EpollReactor, SendThatSucceedsAtOnceIsOneSystemCall) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  StreamPair pair(driver.reactor(), PairKind::tcp);
  const Chain queue = numbered_chain(0, 1000, 100);
  TestSend send(driver, pair.ours.descriptor(), queue);
  const CallCounter calls(driver);

  EXPECT_TRUE(driver.reactor().start(send, 1));

  EXPECT_EQ(send.result, 1000);
  EXPECT_EQ(calls.count(), 1U);
  EXPECT_FALSE(pair.ours.descriptor().registered);
}

TEST(EpollReactor, WaitingSendIsNotTriedAgainBeforeTheEdge) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  StreamPair pair(driver.reactor(), PairKind::tcp);
  const Chain queue = numbered_chain(0, 16 << 20, 1 << 20);
  TestSend send(driver, pair.ours.descriptor(), queue);
  while (driver.reactor().start(send, 1)) {
  }
  driver.turns(3);
  ASSERT_TRUE(send.in_flight());
  const CallCounter calls(driver);

  driver.turns(5);
  EXPECT_EQ(calls.count(), 5U);
  driver.reactor().cancel(send);
  ASSERT_TRUE(send.finish());
  EXPECT_FALSE(driver.reactor().start(send, 1));

  EXPECT_LE(calls.count(), 7U);
}

TEST(EpollReactor, ResetIsAFailureToTheReaderEvenWhileASendWaits) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  StreamPair pair(driver.reactor(), PairKind::tcp);
  TestReceiveSource source(driver, pair.ours.descriptor());
  driver.reactor().start(source);
  const Chain queue = numbered_chain(0, 16 << 20, 1 << 20);
  TestSend send(driver, pair.ours.descriptor(), queue);
  while (driver.reactor().start(send, 1)) {
  }

  pair.theirs.reset();
  ASSERT_TRUE(source.finish());
  ASSERT_TRUE(send.finish());

  EXPECT_EQ(source.end, End::failed);
  EXPECT_EQ(source.result, -ECONNRESET);
  EXPECT_EQ(send.result, -EPIPE);
}

TEST(EpollReactor, RequestAndResponseAreThreeSystemCalls) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  StreamPair pair(driver.reactor(), PairKind::tcp);
  TestReceiveSource source(driver, pair.ours.descriptor());
  const Chain answer = numbered_chain(0, 64, 64);
  TestSend send(driver, pair.ours.descriptor(), answer);
  source.on_run = [&] {
    source.inbox.clear();
    EXPECT_TRUE(driver.reactor().start(send, 1));
  };
  driver.reactor().start(source);
  driver.turn();
  const CallCounter calls(driver);

  for (int round = 0; round < 100; ++round) {
    pair.theirs.send("request");
    driver.turn();
  }

  EXPECT_EQ(calls.count(), 300U);  // wait, recv, send
  EXPECT_EQ(source.runs, 100);
}

TEST(EpollReactor, BytesNobodyReadsDoNotWakeTheShardAgain) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  // Not TCP: loopback may deliver later, on a busy machine.
  StreamPair pair(driver.reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver, pair.ours.descriptor());
  driver.reactor().start(source);
  driver.turn();
  driver.reactor().cancel(source);
  driver.run_ready();
  pair.theirs.send("unread");
  driver.turns(2);

  // The end of a ring that an earlier test of this process had interrupts a wait (EINTR), which
  // then takes a second call.
  bool slept_through = false;
  for (int attempt = 0; attempt < 100 && !slept_through; ++attempt) {
    const CallCounter calls(driver);
    const auto deadline = Clock::now() + std::chrono::milliseconds(5);
    driver.turn(deadline);
    ASSERT_GE(Clock::now(), deadline);
    slept_through = calls.count() == 1;
  }

  EXPECT_TRUE(slept_through);
}

TEST(EpollReactor, StreamIsReadInLargePieces) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  StreamPair pair(driver.reactor(), PairKind::unix_socket);
  const int buffer_bytes = 4 << 20;
  ::setsockopt(pair.theirs.fd(), SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  TestReceiveSource source(driver, pair.ours.descriptor());
  std::size_t received = 0;
  source.on_run = [&] {
    received += source.inbox.size();
    source.inbox.clear();
    if (source.end == End::full) driver.reactor().start(source);
  };
  driver.reactor().start(source);
  const std::vector<std::byte> content(std::size_t{1} << 20);
  const auto stream = [&](std::size_t until) {
    while (received < until) {
      while (pair.theirs.send(content) > 0) {
      }
      driver.turn();
    }
  };
  stream(4 << 20);  // until it has learnt how large the traffic is

  const std::size_t received_before = received;
  const CallCounter calls(driver);
  stream(received_before + (16 << 20));

  // A wait and a read for each 256 KiB.
  const double megabytes = static_cast<double>(received - received_before) / (1 << 20);
  EXPECT_LE(static_cast<double>(calls.count()), 9 * megabytes);
}

TEST(EpollReactor, LargeTrafficCyclesThroughASmallSetOfSlabs) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  StreamPair pair(driver.reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver, pair.ours.descriptor());
  source.on_run = [&] {
    source.inbox.clear();
    if (source.end == End::full) driver.reactor().start(source);
  };
  driver.reactor().start(source);
  const std::vector<std::byte> content(std::size_t{1} << 20);

  for (int round = 0; round < 200; ++round) {
    while (pair.theirs.send(content) > 0) {
    }
    driver.turn();
  }

  // A read of 256 KiB, and the rest of the slab before: this set has to stay in the cache.
  EXPECT_LE(driver.pool().stats().slabs_total, 6U);
}

TEST(EpollReactor, IdleReactorHoldsNoBuffers) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  StreamPair pair(driver.reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver, pair.ours.descriptor());
  driver.reactor().start(source);
  pair.theirs.send("hello");
  driver.turns(2);
  source.inbox.clear();

  driver.reactor().trim();

  EXPECT_TRUE(source.in_flight());
  EXPECT_EQ(driver.pool().stats().slabs_application, 0U);
}

TEST(EpollReactor, MoreEventsThanTheArrayHoldsAreServedInOnePoll) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  std::vector<std::unique_ptr<StreamPair>> pairs;
  std::vector<std::unique_ptr<TestReceiveSource>> sources;
  for (int i = 0; i < 600; ++i) {
    pairs.push_back(std::make_unique<StreamPair>(driver.reactor(), PairKind::unix_socket));
    sources.push_back(std::make_unique<TestReceiveSource>(driver, pairs.back()->ours.descriptor()));
    driver.reactor().start(*sources.back());
    pairs.back()->theirs.send("x");
  }
  const CallCounter calls(driver);

  driver.turn();

  for (auto& source : sources) EXPECT_EQ(source->inbox, "x");
  EXPECT_EQ(calls.count(), 600U + 3U);
}

TEST(EpollReactor, OutstandingWakeIsWrittenOnce) {
  ReactorDriver driver(reactor::make_epoll_reactor);

  for (int round = 1; round <= 3; ++round) {
    for (int i = 0; i < 5; ++i) driver.reactor().wake();
    const CallCounter calls(driver);
    driver.reactor().poll(Clock::time_point::max());
    EXPECT_EQ(driver.stats().wakes, static_cast<std::uint64_t>(round));
    EXPECT_EQ(calls.count(), 1U);
  }
}

TEST(EpollReactor, FloodDoesNotDelayTheOthersByATurn) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  StreamPair flooder(driver.reactor(), PairKind::unix_socket);
  TestReceiveSource flood(driver, flooder.ours.descriptor());
  flood.on_run = [&] {
    flood.inbox.clear();
    if (flood.end == End::full) driver.reactor().start(flood);
  };
  driver.reactor().start(flood);
  std::vector<std::unique_ptr<StreamPair>> pairs;
  std::vector<std::unique_ptr<TestReceiveSource>> sources;
  for (int i = 0; i < 63; ++i) {
    pairs.push_back(std::make_unique<StreamPair>(driver.reactor(), PairKind::unix_socket));
    sources.push_back(std::make_unique<TestReceiveSource>(driver, pairs.back()->ours.descriptor()));
    driver.reactor().start(*sources.back());
  }
  const std::vector<std::byte> content(std::size_t{1} << 20);

  for (int round = 0; round < 20; ++round) {
    while (flooder.theirs.send(content) > 0) {
    }
    for (auto& pair : pairs) pair->theirs.send("x");
    driver.turn();
    for (auto& source : sources)
      EXPECT_EQ(source->inbox.size(), static_cast<std::size_t>(round + 1));
  }
}

TEST(EpollReactor, FloodIsReadInTurnsOfItsBudget) {
  ReactorDriver driver(reactor::make_epoll_reactor);
  StreamPair pair(driver.reactor(), PairKind::unix_socket);
  const int buffer_bytes = 4 << 20;
  ::setsockopt(pair.theirs.fd(), SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  const std::vector<std::byte> content(std::size_t{1} << 20);
  ASSERT_EQ(pair.theirs.send(content), content.size());
  TestReceiveSource source(driver, pair.ours.descriptor());
  source.inbox_bytes_max = 4 << 20;
  driver.reactor().start(source);

  for (std::size_t turn = 1; turn <= 4; ++turn) {
    driver.turn(Clock::time_point::max());  // must not wait: there is more to read
    EXPECT_EQ(source.inbox.size(), turn * reactor::EpollReactor::receive_budget_bytes);
  }
}

}  // namespace
}  // namespace weir::test
