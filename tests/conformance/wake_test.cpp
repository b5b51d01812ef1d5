// Waking a shard from other threads, on each backend.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

using reactor::Clock;

class WakeTest : public ReactorTest {};
INSTANTIATE_TEST_SUITE_P(Backends, WakeTest, each_backend(), backend_name);

TEST_P(WakeTest, WakeBeforeAPollEndsIt) {
  reactor().wake();

  reactor().poll(Clock::time_point::max());

  EXPECT_EQ(driver().stats().wakes, 1U);
}

TEST_P(WakeTest, ManyWakesBeforeAPollAreOne) {
  for (int i = 0; i < 10; ++i) reactor().wake();

  reactor().poll(Clock::time_point::max());
  const auto before = Clock::now();
  reactor().poll(before + std::chrono::milliseconds(2));

  EXPECT_EQ(driver().stats().wakes, 1U);
  EXPECT_GE(Clock::now(), before + std::chrono::milliseconds(2));
}

TEST_P(WakeTest, WakeFromAnotherThreadEndsAPoll) {
  // No deadline: a lost wake-up would hang, and the test's time limit would tell.
  constexpr int rounds = 2000;
  std::atomic<int> asked = 0;
  std::atomic<int> answered = 0;
  std::thread other([&] {
    for (int round = 1; round <= rounds; ++round) {
      while (asked.load(std::memory_order_acquire) < round) std::this_thread::yield();
      answered.store(round, std::memory_order_release);
      reactor().wake();
    }
  });

  for (int round = 1; round <= rounds; ++round) {
    asked.store(round, std::memory_order_release);
    while (answered.load(std::memory_order_acquire) < round)
      reactor().poll(Clock::time_point::max());
  }
  other.join();

  EXPECT_GT(driver().stats().wakes, 0U);
}

TEST_P(WakeTest, MessagesOfManyThreadsAreSeenAfterTheirWake) {
  // What is written before the wake is read after the poll: for the sanitizer as much as for the
  // count.
  constexpr int threads = 4;
  constexpr int messages = 500;
  std::atomic<int> sent = 0;
  std::vector<std::thread> others;
  for (int i = 0; i < threads; ++i) {
    others.emplace_back([&] {
      for (int message = 0; message < messages; ++message) {
        sent.fetch_add(1, std::memory_order_relaxed);
        reactor().wake();
      }
    });
  }

  do {
    reactor().poll(Clock::time_point::max());
  } while (sent.load(std::memory_order_relaxed) < threads * messages);
  for (auto& other : others) other.join();

  EXPECT_GT(driver().stats().wakes, 0U);
  EXPECT_LE(driver().stats().wakes, static_cast<std::uint64_t>(threads * messages));
}

TEST_P(WakeTest, BuffersReleasedOnAnotherThreadWakeAStarvedShard) {
  restart({.slabs = 2, .slab_bytes = 4096});
  StreamPair pair(reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  Chain hoarded;
  while (Slab* const slab = driver().pool().try_acquire()) {
    hoarded.append(Buffer::adopt(*slab, 0, slab->capacity));
  }
  pair.theirs.send("waiting for memory");
  reactor().start(source);
  driver().turns(3);
  ASSERT_TRUE(source.inbox.empty());

  std::thread other([&] { hoarded.clear(); });
  while (source.inbox.empty()) {
    driver().pool().collect_foreign();
    reactor().poll(Clock::time_point::max());
  }
  other.join();

  driver().run_ready();
  EXPECT_EQ(source.inbox, "waiting for memory");
}

}  // namespace
}  // namespace weir::test
