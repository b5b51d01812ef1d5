#include "weir/core/run.h"

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/core/call.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

static_assert(std::is_trivially_destructible_v<RuntimeOptions>);

class RunTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(RunTest);

Task<int> forty_two() { co_return 42; }

TEST_P(RunTest, YieldsWhatMainYields) {
  const Result<int> number = run(forty_two);
  const Result<void> nothing = run([]() -> Task<void> { co_return; });
  const Result<int> error = run([]() -> Task<Result<int>> { co_return fail(Error::busy); });
  const Result<int> value = run([]() -> Task<Result<int>> { co_return 7; });
  Result<std::unique_ptr<int>> owned =
      run([]() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); });

  EXPECT_EQ(number, 42);
  EXPECT_TRUE(nothing);
  EXPECT_EQ(error.error(), Error::busy);
  EXPECT_EQ(value, 7);
  EXPECT_EQ(**owned, 3);
}

TEST_P(RunTest, RethrowsWhatMainThrows) {
  const auto throwing = []() -> Task<void> {
    co_await yield();
    throw std::runtime_error("main");
  };

  EXPECT_THROW(static_cast<void>(run(throwing)), std::runtime_error);
  EXPECT_FALSE(Shard::on_shard());
}

TEST_P(RunTest, RunsMainOnTheCallingThread) {
  const std::thread::id here = std::this_thread::get_id();

  const auto result = run_on_shards(2, []() -> Task<std::thread::id> {
    EXPECT_EQ(Shard::current().id(), 0U);
    EXPECT_EQ(&Shard::current(), &Runtime::current().shard(0));
    co_return std::this_thread::get_id();
  });

  EXPECT_EQ(*result, here);
}

TEST_P(RunTest, HasAThreadForEachShard) {
  const auto result = run_on_shards(5, []() -> Task<std::size_t> {
    std::set<std::thread::id> threads;
    EXPECT_EQ(Runtime::current().shard_count(), 5U);
    for (unsigned id = 0; id < 5; ++id) {
      threads.insert(co_await call(Runtime::current().shard(id), [id] {
        EXPECT_EQ(Shard::current().id(), id);
        return std::this_thread::get_id();
      }));
    }
    co_return threads.size();
  });

  EXPECT_EQ(*result, 5U);
}

TEST_P(RunTest, RunsAgainAndBesideAnother) {
  const auto sum = [options = options(2)](int rounds) {
    int total = 0;
    for (int round = 0; round < rounds; ++round) {
      total += *weir::run(options, []() -> Task<int> {
        const int one = co_await call(Runtime::current().shard(1), [] { return 1; });
        co_return one;
      });
    }
    return total;
  };
  int elsewhere = 0;

  std::thread beside([&] { elsewhere = sum(10); });
  const int here = sum(10);
  beside.join();

  EXPECT_EQ(here, 10);
  EXPECT_EQ(elsewhere, 10);
}

TEST_P(RunTest, ReportsItsBackend) {
  const auto backend =
      run([]() -> Task<Backend> { co_return Runtime::current().backend_report().backend; });

  EXPECT_EQ(*backend, GetParam());
  EXPECT_EQ(backend_report(GetParam())->backend, GetParam());
}

/// While it lives no thread can be made: nobody has that much address space for a stack.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t huge;
    pthread_getattr_default_np(&huge);
    EXPECT_EQ(pthread_attr_setstacksize(&huge, std::size_t{1} << 47), 0);
    EXPECT_EQ(pthread_setattr_default_np(&huge), 0);
    pthread_attr_destroy(&huge);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_{};
};

TEST_P(RunTest, SaysSoWhenAShardCanHaveNoThread) {
  bool called = false;
  const auto set_called = [&called]() -> Task<void> {
    called = true;
    co_return;
  };
  std::optional<Result<void>> ended;
  {
    const NoThreads no_threads;
    ended.emplace(run_on_shards(3, set_called));
  }

  EXPECT_EQ(ended->error(), std::errc::resource_unavailable_try_again);
  EXPECT_FALSE(called);
  EXPECT_TRUE(run_on_shards(3, set_called));
  EXPECT_TRUE(called);
}

TEST_P(RunTest, RefusesOptionsOutsideTheirRange) {
  struct Vector {
    const char* name;
    void (*spoil)(RuntimeOptions& options);
  };
  for (const Vector& v : {
           Vector{"no shard", [](RuntimeOptions& o) { o.shards = 0; }},
           Vector{"too many shards", [](RuntimeOptions& o) { o.shards = 257; }},
           Vector{"no buffers", [](RuntimeOptions& o) { o.buffer_budget_bytes = 0; }},
           Vector{"one buffer", [](RuntimeOptions& o) { o.buffer_budget_bytes = 64 << 10; }},
           Vector{"negative spin", [](RuntimeOptions& o) { o.spin = Duration(-1); }},
           Vector{"negative drain", [](RuntimeOptions& o) { o.drain_timeout = Duration(-1); }},
       }) {
    SCOPED_TRACE(v.name);
    RuntimeOptions spoiled = options();
    v.spoil(spoiled);
    bool called = false;

    const auto ended = weir::run(spoiled, [&called]() -> Task<void> {
      called = true;
      co_return;
    });

    EXPECT_EQ(ended.error(), Error::option_invalid);
    EXPECT_FALSE(called);
  }
}

TEST_P(RunTest, PinsItsShardsAndUnpinsTheCallingThread) {
  cpu_set_t before;
  ASSERT_EQ(pthread_getaffinity_np(pthread_self(), sizeof before, &before), 0);
  int cpu = 0;
  while (!CPU_ISSET(static_cast<unsigned>(cpu), &before)) ++cpu;
  RuntimeOptions pinned = options(2);
  pinned.cpus.add(cpu);

  const auto ended = weir::run(pinned, [cpu]() -> Task<void> {
    EXPECT_EQ(::sched_getcpu(), cpu);
    const int there = co_await call(Runtime::current().shard(1), [] { return ::sched_getcpu(); });
    EXPECT_EQ(there, cpu);
  });

  EXPECT_TRUE(ended);
  cpu_set_t after;
  ASSERT_EQ(pthread_getaffinity_np(pthread_self(), sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST_P(RunTest, FailsWhereItCannotPin) {
  RuntimeOptions pinned = options(2);
  pinned.cpus.add(CPU_SETSIZE - 1);
  pinned.cpus.add(32767);

  const auto ended = weir::run(pinned, forty_two);

  EXPECT_FALSE(ended);
  EXPECT_FALSE(Shard::on_shard());
  EXPECT_TRUE(run(forty_two));
}

TEST(CpuList, KeepsToItsLimits) {
  CpuList cpus{3, 1};
  EXPECT_EQ(cpus.size(), 2U);
  EXPECT_EQ(cpus[1], 1);

  EXPECT_FALSE(cpus.add(-1));
  EXPECT_FALSE(cpus.add(32768));
  while (cpus.size() < CpuList::cpus_max) ASSERT_TRUE(cpus.add(0));

  EXPECT_FALSE(cpus.add(0));
  EXPECT_EQ(cpus.size(), CpuList::cpus_max);
}

TEST_P(RunTest, CancelEndsWhatMainWaitsFor) {
  const auto ended = run([]() -> Task<Result<void>> {
    Scope scope;
    scope.spawn([]() -> Task<void> {
      co_await yield();
      Runtime::current().cancel();
    }());
    const Result<void> slept = co_await sleep_for(Duration::max());
    co_await scope.join();
    co_return slept;
  });

  EXPECT_EQ(ended.error(), Error::cancelled);
}

class RunDeathTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(RunDeathTest);

TEST_P(RunDeathTest, DoesNotNest) {
  EXPECT_DEATH(static_cast<void>(run([this]() -> Task<void> {
                 static_cast<void>(run(forty_two));
                 co_return;
               })),
               "on_shard");
}

}  // namespace
}  // namespace weir
