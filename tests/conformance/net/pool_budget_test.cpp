// A spent buffer budget: receiving pauses and goes on, no byte is lost.
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"
#include "weir/core/event.h"

namespace weir {
namespace {

using test::numbered_bytes;
using test::NumberedReader;

constexpr std::size_t budget_bytes = std::size_t{512} << 10;  // eight slabs
constexpr std::size_t connections = 32;
constexpr std::size_t large_message_bytes = std::size_t{256} << 10;  // each: together 16 budgets

class PoolBudgetTest : public test::NetTest {
 protected:
  [[nodiscard]] RuntimeOptions tight() const {
    RuntimeOptions chosen = options();
    chosen.buffer_budget_bytes = budget_bytes;
    return chosen;
  }
};
WEIR_ON_EACH_BACKEND(PoolBudgetTest);

struct SlowConnection {
  test::TcpPair pair;
  NumberedReader numbers;
  Chain held;
};

Task<void> send_and_end(TcpStream* stream, const std::vector<std::byte>* bytes) {
  const std::span<const std::byte> all(*bytes);
  const WriteResult written = co_await stream->write(all);
  EXPECT_TRUE(written.has_value()) << written.error().message();
  const Result<void> shut = co_await stream->shutdown_write();
  EXPECT_TRUE(shut.has_value());
}

Task<void> read_to_the_end(SlowConnection* connection) {
  for (;;) {
    Result<Chain> bytes = co_await connection->pair.ours.read();
    EXPECT_TRUE(bytes.has_value());
    if (!bytes || bytes->empty()) co_return;
    connection->numbers.take(*bytes);
  }
}

/// Keeps its first delivery, and with it the slabs, until it may go on.
Task<void> read_slowly(SlowConnection* connection, Event* go_on) {
  Result<Chain> first = co_await connection->pair.ours.read();
  EXPECT_TRUE(first.has_value());
  if (!first) co_return;
  connection->held = std::move(*first);
  (void)co_await go_on->wait();
  connection->numbers.take(connection->held);
  co_await read_to_the_end(connection);
}

/// Round trips of a connection that needs no buffer of the pool to receive.
Task<void> play_without_the_pool(test::TcpPair* pair) {
  for (int round = 0; round < 100; ++round) {
    const WriteResult written = co_await pair->theirs.write("ping");
    EXPECT_TRUE(written.has_value());
    std::array<std::byte, 4> memory{};
    const Result<std::size_t> got = co_await pair->ours.read_into(memory);
    EXPECT_EQ(got.value(), 4U);
  }
}

std::size_t slabs_in_use() {
  const BufferPool::Stats stats = Shard::current().stats().buffers;
  return stats.slabs_application + stats.oversize_count;
}

Task<void> spend_and_recover() {
  test::TcpPair other = co_await test::tcp_pair();
  const std::vector<std::byte> message = numbered_bytes(0, large_message_bytes);
  std::vector<std::unique_ptr<SlowConnection>> slow;
  for (std::size_t index = 0; index < connections; ++index) {
    test::TcpPair pair = co_await test::tcp_pair();
    slow.push_back(std::make_unique<SlowConnection>());
    slow.back()->pair = std::move(pair);
  }
  const std::size_t slabs_before = slabs_in_use();
  Event go_on;
  Scope scope;
  for (auto& connection : slow) {
    scope.spawn(send_and_end(&connection->pair.theirs, &message));
    scope.spawn(read_slowly(connection.get(), &go_on));
  }

  co_await test::until([] { return Shard::current().stats().receive_pauses > 0; });
  co_await test::some_turns();
  const std::uint64_t pauses = Shard::current().stats().receive_pauses;
  co_await play_without_the_pool(&other);
  EXPECT_LE(Shard::current().stats().buffers.total_bytes, budget_bytes);
  EXPECT_LE(Shard::current().stats().receive_pauses, pauses + connections);
  go_on.set();
  (void)co_await scope.join();

  for (const auto& connection : slow) {
    EXPECT_TRUE(connection->numbers.intact()) << "at " << connection->numbers.position();
    EXPECT_EQ(connection->numbers.position(), large_message_bytes);
  }
  // The slab that is being filled may be one that nothing is held of.
  EXPECT_LE(slabs_in_use(), slabs_before + 1);
}

TEST_P(PoolBudgetTest, ReceivingPausesAndGoesOnWithoutALostByte) {
  run_net(tight(), spend_and_recover);
}

Task<void> hold(TcpStream* stream, std::vector<Chain>* held) {
  for (;;) {
    Result<Chain> bytes = co_await stream->read();
    if (!bytes || bytes->empty()) co_return;
    held->push_back(std::move(*bytes));
  }
}

TEST_P(PoolBudgetTest, AStarvedStreamCanBeClosedAndResetAndCancelled) {
  run_net(tight(), []() -> Task<void> {
    const std::vector<std::byte> message = numbered_bytes(0, 4 * budget_bytes);
    test::TcpPair greedy = co_await test::tcp_pair();
    std::vector<Chain> held;
    Scope spending;
    Scope sending;
    spending.spawn(hold(&greedy.ours, &held));
    sending.spawn(send_and_end(&greedy.theirs, &message));
    co_await test::until([] { return Shard::current().stats().receive_pauses > 0; });
    std::array<test::TcpPair, 3> starved;
    for (test::TcpPair& pair : starved) {
      test::TcpPair made = co_await test::tcp_pair();
      pair = std::move(made);
      const WriteResult written = co_await pair.theirs.write("hello");
      EXPECT_TRUE(written.has_value());
    }

    for (test::TcpPair& pair : starved) {
      const auto timeout = std::chrono::milliseconds(1);
      const Result<Chain> none = co_await with_timeout(timeout, pair.ours.read());
      EXPECT_EQ(none.error(), Error::deadline_exceeded);
    }
    starved[0].ours.abort();
    starved[1].ours = TcpStream();
    starved[1].theirs = TcpStream();
    co_await test::some_turns();
    held.clear();
    std::byte memory[5];
    const Result<std::size_t> hello = co_await starved[2].ours.read_into(memory);
    EXPECT_EQ(hello.value(), 5U);

    spending.cancel();
    sending.cancel();
    (void)co_await spending.join();
    (void)co_await sending.join();
    held.clear();
    greedy.ours.abort();
  });
}

}  // namespace
}  // namespace weir
