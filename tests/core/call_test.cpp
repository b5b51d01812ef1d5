#include "weir/core/call.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/core/deadline.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using test::shard;

class CallTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(CallTest);

unsigned current_id() { return Shard::current().id(); }

TEST_P(CallTest, RunsThereAndResumesHere) {
  const auto ended = run_on_shards(3, []() -> Task<void> {
    const std::thread::id here = std::this_thread::get_id();

    const unsigned first = co_await call(shard(1), current_id);
    const std::thread::id there =
        co_await call(shard(2), [] { return std::this_thread::get_id(); });

    EXPECT_EQ(first, 1U);
    EXPECT_NE(there, here);
    EXPECT_EQ(std::this_thread::get_id(), here);
    EXPECT_EQ(current_id(), 0U);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallTest, YieldsWhatTheFunctionOrItsTaskYields) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    int touched = 0;
    co_await call(shard(1), [&touched] { touched = 1; });
    EXPECT_EQ(touched, 1);

    auto owned = co_await call(shard(1), [] { return std::make_unique<std::string>("owned"); });
    EXPECT_EQ(*owned, "owned");

    const std::string text = co_await call(shard(1), []() -> Task<std::string> {
      co_await yield();
      co_return std::to_string(current_id());
    });
    EXPECT_EQ(text, "1");

    co_await call(shard(1), [&touched]() -> Task<void> {
      co_await yield();
      touched = 2;
    });
    EXPECT_EQ(touched, 2);

    const Result<int> failed =
        co_await call(shard(1), []() -> Result<int> { return fail(Error::busy); });
    EXPECT_EQ(failed.error(), Error::busy);
  });

  EXPECT_TRUE(ended);
}

// The function lives in the call, so its captures are there as long as its task is. It is named
// because GCC 12 destroys a closure twice that is made inside a co_await expression.
TEST_P(CallTest, KeepsTheCapturesOfItsFunction) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    auto function = [text = std::string(100, 'x')]() -> Task<std::size_t> {
      co_await yield();
      co_await sleep_for(std::chrono::microseconds(100));
      co_return text.size();
    };

    const std::size_t size = co_await call(shard(1), std::move(function));

    EXPECT_EQ(size, 100U);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallTest, BringsExceptionsBack) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    const auto from_function = []() -> int { throw std::runtime_error("function"); };
    const auto from_task = []() -> Task<int> {
      co_await yield();
      throw std::runtime_error("task");
    };

    std::vector<std::string> caught;
    try {
      co_await call(shard(1), from_function);
    } catch (const std::runtime_error& error) {
      caught.emplace_back(error.what());
    }
    try {
      co_await call(shard(1), from_task);
    } catch (const std::runtime_error& error) {
      caught.emplace_back(error.what());
    }

    EXPECT_THAT(caught, ::testing::ElementsAre("function", "task"));
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallTest, MayGoToItsOwnShard) {
  const auto ended = run([]() -> Task<void> {
    const unsigned id = co_await call(Shard::current(), current_id);
    const int sum = co_await call(Shard::current(), []() -> Task<int> {
      const int inner = co_await call(Shard::current(), [] { return 2; });
      co_return inner + 1;
    });
    const auto until_cancelled = []() -> Task<Result<void>> {
      co_return co_await sleep_for(Duration::max());
    };
    const Result<void> cancelled = co_await with_timeout(std::chrono::microseconds(100),
                                                         call(Shard::current(), until_cancelled));

    EXPECT_EQ(id, 0U);
    EXPECT_EQ(sum, 3);
    EXPECT_EQ(cancelled.error(), Error::deadline_exceeded);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallTest, MayGoBackAndForth) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    const auto there_and_back = []() -> Task<unsigned> {
      const unsigned back = co_await call(shard(0), []() -> Task<unsigned> {
        const unsigned again = co_await call(shard(1), current_id);
        co_return again * 10 + current_id();
      });
      co_return back * 10 + current_id();
    };

    const unsigned ids = co_await call(shard(1), there_and_back);

    EXPECT_EQ(ids, 101U);
  });

  EXPECT_TRUE(ended);
}

/// Lives on shard 1; what calls write there, calls read there.
struct Arrivals {
  std::vector<int> order;
  std::size_t under_way = 0;
  std::size_t under_way_max = 0;
  Event let_go;
};

Task<void> arrive_on_shard_1(Arrivals* there, int number, bool stays) {
  co_await call(shard(1), [there, number, stays]() -> Task<void> {
    there->order.push_back(number);
    ++there->under_way;
    there->under_way_max = std::max(there->under_way_max, there->under_way);
    if (stays) co_await there->let_go.wait();
    --there->under_way;
  });
}

Task<void> wait_until_arrived(Arrivals* there, std::size_t count) {
  for (;;) {
    const std::size_t arrived = co_await call(shard(1), [there] { return there->order.size(); });
    if (arrived >= count) co_return;
  }
}

TEST_P(CallTest, MoreThanTheCreditsWaitInOrderHere) {
  static constexpr std::size_t calls = 1000;

  const auto ended = run_on_shards(2, []() -> Task<void> {
    Arrivals there;
    Scope scope;
    for (std::size_t index = 0; index < calls; ++index) {
      scope.spawn(arrive_on_shard_1(&there, static_cast<int>(index), /*stays=*/false));
    }
    co_await scope.join();

    EXPECT_EQ(there.order.size(), calls);
    EXPECT_TRUE(std::is_sorted(there.order.begin(), there.order.end()));
    EXPECT_LE(there.under_way_max, detail::mail_credits);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallTest, AtMostTheCreditsAreUnderWay) {
  static constexpr std::size_t calls = detail::mail_credits + 72;

  const auto ended = run_on_shards(3, []() -> Task<void> {
    Arrivals there;
    Scope scope;
    // From shard 2, so that shard 0 keeps its own credits for looking.
    auto from_shard_2 = [&there]() -> Task<void> {
      Scope calling;
      for (std::size_t index = 0; index < calls; ++index) {
        calling.spawn(arrive_on_shard_1(&there, static_cast<int>(index), /*stays=*/true));
      }
      co_await calling.join();
    };
    scope.spawn([](auto function) -> Task<void> {
      co_await call(shard(2), std::move(function));
    }(std::move(from_shard_2)));

    co_await wait_until_arrived(&there, detail::mail_credits);
    for (int round = 0; round < 20; ++round) co_await call(shard(1), [] {});
    const std::size_t arrived = co_await call(shard(1), [&there] { return there.order.size(); });
    EXPECT_EQ(arrived, detail::mail_credits);
    co_await call(shard(1), [&there] { there.let_go.set(); });
    co_await scope.join();

    EXPECT_EQ(there.order.size(), calls);
    EXPECT_EQ(there.under_way_max, detail::mail_credits);
  });

  EXPECT_TRUE(ended);
}

// Four shards, each calling each, itself included: plain functions and tasks in turn.
Task<void> call_around(std::atomic<std::uint64_t>* answered, int calls) {
  for (int index = 0; index < calls; ++index) {
    const unsigned target = static_cast<unsigned>(index) % Runtime::current().shard_count();
    unsigned id = 0;
    if (index % 3 == 0) {
      id = co_await call(shard(target), []() -> Task<unsigned> {
        co_await yield();
        co_return current_id();
      });
    } else {
      id = co_await call(shard(target), current_id);
    }
    EXPECT_EQ(id, target);
    answered->fetch_add(1, std::memory_order_relaxed);
  }
}

TEST_P(CallTest, FourShardsHammerOneAnother) {
  constexpr unsigned shards = 4;
  constexpr int callers = 25;
  constexpr int calls_each = 1000;

  const auto result = run_on_shards(shards, []() -> Task<std::uint64_t> {
    std::atomic<std::uint64_t> answered = 0;
    Scope scope;
    for (unsigned id = 0; id < shards; ++id) {
      auto hammer = [&answered]() -> Task<void> {
        Scope calling;
        for (int caller = 0; caller < callers; ++caller) {
          calling.spawn(call_around(&answered, calls_each));
        }
        co_await calling.join();
      };
      scope.spawn([](unsigned target, auto function) -> Task<void> {
        co_await call(shard(target), std::move(function));
      }(id, std::move(hammer)));
    }
    co_await scope.join();
    co_return answered.load();
  });

  EXPECT_EQ(*result, std::uint64_t{shards} * callers * calls_each);
}

}  // namespace
}  // namespace weir
