// What the pieces of the core cost by themselves. A network operation takes some 5 us, so that
// anything below 50 ns here disappears in it.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "weir/core/call.h"
#include "weir/core/channel.h"
#include "weir/core/deadline.h"
#include "weir/core/event.h"
#include "weir/core/run.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"
#include "weir/core/timer_queue.h"

namespace weir {
namespace {

/// Runs `main()` on a runtime of `options`; what it fails with fails the benchmark.
template <typename F>
void run_measured(benchmark::State& state, RuntimeOptions options, F main) {
  options.signals = SignalPolicy::leave;
  if (const auto ended = run(options, std::move(main)); !ended) {
    state.SkipWithError(ended.error().message().c_str());
  }
}

Task<std::uint64_t> add_ready(std::uint64_t value, std::int64_t depth) {
  if (depth > 1) {
    const std::uint64_t below = co_await add_ready(value, depth - 1);
    co_return below + 1;
  }
  co_return value + 1;
}

// Question: what does awaiting a task cost that ends at once? Expected: an allocation of its frame
// and two indirect calls, linear in the depth.
void AwaitReadyTask(benchmark::State& state) {
  run_measured(state, {}, [&]() -> Task<void> {
    std::uint64_t sum = 0;
    for (auto _ : state) sum = co_await add_ready(sum, state.range(0));
    if (sum != static_cast<std::uint64_t>(state.iterations() * state.range(0))) {
      state.SkipWithError("wrong sum");
    }
  });
}
BENCHMARK(AwaitReadyTask)->ArgName("depth")->Arg(1)->Arg(4);

// Question: what does going once round the ready queue cost?
void YieldOnce(benchmark::State& state) {
  run_measured(state, {}, [&]() -> Task<void> {
    for (auto _ : state) co_await yield();
  });
}
BENCHMARK(YieldOnce);

Task<void> count_up(std::size_t* count) {
  ++*count;
  co_return;
}

// Question: what does a task of its own cost? Expected: two frames and one pass through the ready
// queue.
void SpawnAndJoin(benchmark::State& state) {
  run_measured(state, {}, [&]() -> Task<void> {
    std::size_t count = 0;
    Scope scope;
    for (auto _ : state) {
      for (std::int64_t child = 0; child < state.range(0); ++child) scope.spawn(count_up(&count));
      const Result<void> joined = co_await scope.join();
      benchmark::DoNotOptimize(joined);
    }
    if (count != static_cast<std::size_t>(state.iterations() * state.range(0))) {
      state.SkipWithError("a child did not run");
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
  });
}
BENCHMARK(SpawnAndJoin)->ArgName("children")->Arg(1)->Arg(100);

class CountingTimer final : public Timer {
 public:
  explicit CountingTimer(std::size_t& due) : due_(due) {}

 private:
  void on_due() noexcept override { ++due_; }
  std::size_t& due_;
};

/// `live` armed timers, due at random times of the next minute, and random times to come.
class ArmedTimers {
 public:
  explicit ArmedTimers(std::size_t live) {
    std::mt19937_64 random(1);
    for (std::size_t index = 0; index < live; ++index) {
      queue.arm(timers.emplace_back(due), TimePoint(Duration(random() % minute)));
    }
    for (TimePoint& time : times) time = TimePoint(Duration(random() % minute));
    for (std::size_t& index : indices) index = random() % live;
  }
  ~ArmedTimers() {
    for (CountingTimer& timer : timers) queue.cancel(timer);
  }

  static constexpr std::uint64_t minute = 60'000'000'000;
  static constexpr std::size_t steps = 4096;  ///< a power of two
  std::size_t due = 0;
  TimerQueue queue;
  std::deque<CountingTimer> timers;
  std::vector<TimePoint> times = std::vector<TimePoint>(steps);
  std::vector<std::size_t> indices = std::vector<std::size_t>(steps);
};

// Question: what does a timeout cost that does not fire? Expected: logarithmic at the worst, nearly
// flat for random deadlines, because most stay near the leaves.
void TimerArmAndCancel(benchmark::State& state) {
  ArmedTimers armed(static_cast<std::size_t>(state.range(0)));
  CountingTimer timer(armed.due);
  std::size_t step = 0;
  for (auto _ : state) {
    armed.queue.arm(timer, armed.times[step++ % ArmedTimers::steps]);
    armed.queue.cancel(timer);
  }
}
BENCHMARK(TimerArmAndCancel)->ArgName("live")->Arg(100)->Arg(20'000)->Arg(1'000'000);

// The same where it matters: an idle timeout moves to the end with each message.
void TimerRearmLater(benchmark::State& state) {
  ArmedTimers armed(static_cast<std::size_t>(state.range(0)));
  std::size_t step = 0;
  std::uint64_t now = ArmedTimers::minute;
  for (auto _ : state) {
    CountingTimer& timer = armed.timers[armed.indices[step++ % ArmedTimers::steps]];
    armed.queue.arm(timer, TimePoint(Duration(++now)));
  }
}
BENCHMARK(TimerRearmLater)->ArgName("live")->Arg(100)->Arg(20'000)->Arg(1'000'000);

// Question: what does a timer cost that fires? Expected: the way down the heap, log4 of the live
// ones.
void TimerFireAndRearm(benchmark::State& state) {
  ArmedTimers armed(static_cast<std::size_t>(state.range(0)));
  CountingTimer timer(armed.due);
  std::size_t step = 0;
  for (auto _ : state) {
    const TimePoint first = armed.queue.next_deadline();
    armed.queue.arm(timer, first - Duration(1));
    benchmark::DoNotOptimize(armed.queue.run_due(first - Duration(1), 1));
    ++step;
  }
  if (armed.due != step) state.SkipWithError("a timer did not fire");
}
BENCHMARK(TimerFireAndRearm)->ArgName("live")->Arg(100)->Arg(20'000)->Arg(1'000'000);

Task<void> answer_pings(Event* ping, Event* pong, const bool* done) {
  for (;;) {
    co_await ping->wait();
    ping->reset();
    pong->set();
    if (*done) co_return;
  }
}

// Question: what does it cost two tasks of one shard to wake each other, there and back?
void EventPingPong(benchmark::State& state) {
  run_measured(state, {}, [&]() -> Task<void> {
    Event ping;
    Event pong;
    bool done = false;
    Scope scope;
    scope.spawn(answer_pings(&ping, &pong, &done));
    for (auto _ : state) {
      ping.set();
      co_await pong.wait();
      pong.reset();
    }
    done = true;
    ping.set();
    co_await scope.join();
  });
}
BENCHMARK(EventPingPong);

// The same under a timeout that does not fire.
void EventPingPongWithTimeout(benchmark::State& state) {
  run_measured(state, {}, [&]() -> Task<void> {
    Event ping;
    Event pong;
    bool done = false;
    Scope scope;
    scope.spawn(answer_pings(&ping, &pong, &done));
    for (auto _ : state) {
      ping.set();
      co_await with_timeout(std::chrono::hours(1), pong.wait());
      pong.reset();
    }
    done = true;
    ping.set();
    co_await scope.join();
  });
}
BENCHMARK(EventPingPongWithTimeout);

Task<void> sum_up(Channel<std::uint64_t>* channel, std::uint64_t* sum) {
  for (;;) {
    const Result<std::optional<std::uint64_t>> value = co_await channel->receive();
    if (!value || !*value) co_return;
    *sum += **value;
  }
}

// Question: what does a value cost from one task to another? Expected: with room in the channel no
// suspension for most of them.
void ChannelSend(benchmark::State& state) {
  run_measured(state, {}, [&]() -> Task<void> {
    Channel<std::uint64_t> channel(static_cast<std::size_t>(state.range(0)));
    std::uint64_t sum = 0;
    Scope scope;
    scope.spawn(sum_up(&channel, &sum));
    for (auto _ : state) co_await channel.send(1);
    channel.close();
    co_await scope.join();
    if (sum != static_cast<std::uint64_t>(state.iterations()))
      state.SkipWithError("a value got lost");
  });
}
BENCHMARK(ChannelSend)->ArgName("capacity")->Arg(1)->Arg(64);

RuntimeOptions two_shards(const benchmark::State& state) {
  return {.shards = 2,
          .backend = state.range(0) == 1 ? Backend::io_uring : Backend::epoll,
          .spin = std::chrono::microseconds(state.range(1))};
}

// Question: what does asking another shard cost? Expected: two wake-ups of a sleeping thread; with
// spinning two cache lines' journeys.
void CallRoundTrip(benchmark::State& state) {
  run_measured(state, two_shards(state), [&]() -> Task<void> {
    Shard& there = Runtime::current().shard(1);
    std::int64_t count = 0;
    for (auto _ : state) count = co_await call(there, [count] { return count + 1; });
    if (count != state.iterations()) state.SkipWithError("wrong count");
  });
}
BENCHMARK(CallRoundTrip)
    ->ArgNames({"io_uring", "spin_us"})
    ->ArgsProduct({{0, 1}, {0, 100}})
    ->UseRealTime();

Task<void> call_and_add(Shard* there, std::int64_t* sum) {
  *sum += co_await call(*there, [] { return 1; });
}

// Question: what is left of that when many calls are under way?
void CallsSideBySide(benchmark::State& state) {
  constexpr std::int64_t calls = 64;
  run_measured(state, two_shards(state), [&]() -> Task<void> {
    Shard& there = Runtime::current().shard(1);
    std::int64_t sum = 0;
    Scope scope;
    for (auto _ : state) {
      for (std::int64_t index = 0; index < calls; ++index) scope.spawn(call_and_add(&there, &sum));
      co_await scope.join();
    }
    if (sum != state.iterations() * calls) state.SkipWithError("a call got lost");
    state.SetItemsProcessed(state.iterations() * calls);
  });
}
BENCHMARK(CallsSideBySide)
    ->ArgNames({"io_uring", "spin_us"})
    ->ArgsProduct({{0, 1}, {0, 100}})
    ->UseRealTime();

}  // namespace
}  // namespace weir
