// What is warm does not allocate: neither through the library's own door nor through operator new,
// which this program counts.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/base/allocate.h"
#include "weir/core/call.h"
#include "weir/core/channel.h"
#include "weir/core/deadline.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/semaphore.h"
#include "weir/core/sleep.h"

namespace {
constinit thread_local std::uint64_t news = 0;

void* counted_new(std::size_t bytes) {
  ++news;
  if (void* const block = std::malloc(bytes == 0 ? 1 : bytes)) return block;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t bytes) { return counted_new(bytes); }
void* operator new[](std::size_t bytes) { return counted_new(bytes); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }

namespace weir {
namespace {

constexpr Duration an_hour = std::chrono::hours(1);
constexpr int rounds = 100;

class AllocationTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(AllocationTest);

std::uint64_t allocations_here() { return allocation_count() + news; }

TEST_P(AllocationTest, TheCountersCount) {
  const auto ended = run([]() -> Task<void> {
    const auto task = []() -> Task<void> { co_return; };
    const std::uint64_t frames = allocation_count();
    co_await task();
    EXPECT_EQ(allocation_count(), frames + 1);

    const std::uint64_t before = news;
    ::operator delete(::operator new(1));  // a pair of expressions may be left out
    EXPECT_EQ(news, before + 1);
  });

  EXPECT_TRUE(ended);
}

/// Waits for each round, and sets the other's event.
Task<void> ping(Event* mine, Event* other, int count) {
  for (int round = 0; round < count; ++round) {
    co_await mine->wait();
    mine->reset();
    other->set();
  }
}

TEST_P(AllocationTest, SleepingAndYieldingDoNotAllocate) {
  const auto result = run([]() -> Task<std::uint64_t> {
    std::uint64_t before = 0;
    for (int round = 0; round < rounds; ++round) {
      if (round == rounds / 2) before = allocations_here();
      co_await sleep_for(std::chrono::microseconds(5));
      co_await yield();
    }
    co_return allocations_here() - before;
  });

  EXPECT_EQ(*result, 0U);
}

TEST_P(AllocationTest, EventsDoNotAllocate) {
  const auto result = run([]() -> Task<std::uint64_t> {
    Event there;
    Event here;
    Scope scope;
    scope.spawn(ping(&there, &here, rounds));
    std::uint64_t before = 0;
    for (int round = 0; round < rounds; ++round) {
      if (round == rounds / 2) before = allocations_here();
      there.set();
      co_await here.wait();
      here.reset();
      co_await with_timeout(Duration(1), here.wait());
      co_await with_timeout(std::chrono::microseconds(5), here.wait());
    }
    const std::uint64_t after = allocations_here();
    co_await scope.join();
    co_return after - before;
  });

  EXPECT_EQ(*result, 0U);
}

Task<void> echo(Channel<int>* from, Channel<int>* to) {
  for (;;) {
    const Result<std::optional<int>> value = co_await from->receive();
    if (!value || !*value) co_return;
    co_await to->send(**value);
  }
}

TEST_P(AllocationTest, ChannelsAndSemaphoresDoNotAllocate) {
  const auto result = run([]() -> Task<std::uint64_t> {
    Channel<int> there(1);
    Channel<int> back(1);
    Semaphore semaphore(1);
    Scope scope;
    scope.spawn(echo(&there, &back));
    std::uint64_t before = 0;
    for (int round = 0; round < rounds; ++round) {
      if (round == rounds / 2) before = allocations_here();
      const Result<Semaphore::Permit> permit = co_await semaphore.acquire_permit();
      co_await there.send(round);
      const Result<std::optional<int>> value = co_await with_timeout(an_hour, back.receive());
      EXPECT_EQ(**value, round);
      co_await with_timeout(std::chrono::microseconds(5), semaphore.acquire());
    }
    const std::uint64_t after = allocations_here();
    there.close();
    co_await scope.join();
    co_return after - before;
  });

  EXPECT_EQ(*result, 0U);
}

TEST_P(AllocationTest, CallsOfFunctionsAllocateOnNeitherShard) {
  const auto result = run_on_shards(2, []() -> Task<std::uint64_t> {
    Shard& there = Runtime::current().shard(1);
    std::uint64_t before_here = 0;
    std::uint64_t before_there = 0;
    for (int round = 0; round < rounds; ++round) {
      if (round == rounds / 2) {
        before_there = co_await call(there, allocations_here);
        before_here = allocations_here();
      }
      const int value = co_await call(there, [round] { return round; });
      const int timed = co_await with_timeout(an_hour, call(there, [round] { return round; }));
      EXPECT_EQ(value, timed);
    }
    const std::uint64_t after_here = allocations_here();
    const std::uint64_t after_there = co_await call(there, allocations_here);
    co_return (after_here - before_here) + (after_there - before_there);
  });

  EXPECT_EQ(*result, 0U);
}

}  // namespace
}  // namespace weir
