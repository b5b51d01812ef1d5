// A peer that sends and never reads: its server stops, memory stays bounded, nobody else notices.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/build_kind.h"
#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"

namespace weir {
namespace {

using test::numbered_bytes;
using test::NumberedReader;

class DeafPeerTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(DeafPeerTest);

constexpr std::size_t kibi = 1024;
constexpr StreamLimits small_limits{
    .receive_bytes_max = 64 * kibi, .high_water_bytes = 256 * kibi, .low_water_bytes = 64 * kibi};
/// Between the water mark and what a stream holds: an inbox read as one, and one delivery to it.
constexpr std::size_t overshoot_bytes = 2 * small_limits.receive_bytes_max + 256 * kibi;

using Stats = std::optional<Result<ServeStats>>;

/// Echoes through the out-queue; `seen` is the stream while it is served.
Task<Result<void>> echo_queued(TcpStream stream, TcpStream** seen) {
  if (*seen == nullptr) *seen = &stream;
  for (;;) {
    Result<Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return Result<void>();
    const Result<void> room = co_await stream.drained();
    if (!room) co_return room;
    const Result<void> queued = stream.queue(std::move(*bytes));
    if (!queued) co_return queued;
  }
}

Task<Result<void>> echo_written(TcpStream stream, TcpStream** seen) {
  if (*seen == nullptr) *seen = &stream;
  for (;;) {
    Result<Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return Result<void>();
    const WriteResult written = co_await stream.write(std::move(*bytes));
    if (!written) co_return std::unexpected(written.error());
  }
}

/// Sends numbered bytes until nothing moves any more. \returns how many the kernel took.
Task<std::uint64_t> send_until_refused(test::PeerSocket* peer, TcpStream* const* served) {
  std::uint64_t sent = 0;
  for (int idle = 0; idle < 20;) {
    const std::vector<std::byte> block = numbered_bytes(sent, 64 * kibi);
    const std::size_t taken = peer->send(block);
    sent += taken;
    const std::uint64_t before = *served == nullptr ? 0 : (*served)->stats().bytes_received;
    co_await test::some_turns(20);
    const std::uint64_t after = *served == nullptr ? 0 : (*served)->stats().bytes_received;
    idle = taken == 0 && before == after ? idle + 1 : 0;
  }
  co_return sent;
}

Task<void> play(Address server) {
  TcpStream stream = (co_await connect(server)).value();
  for (int round = 0; round < 100; ++round) {
    const WriteResult written = co_await stream.write("ping");
    EXPECT_TRUE(written.has_value());
    const Result<Chain> read = co_await stream.read_exactly(4);
    EXPECT_TRUE(read.has_value() && *read == "ping");
  }
}

/// \param served the stream at the server, null before and after
template <typename Handler>
Task<void> serve_a_deaf_peer(Handler handler, TcpStream** served) {
  TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
  Stats stats;
  Scope scope;
  const ServeOptions options{.limits = small_limits};
  scope.spawn(test::serve_into(&listener, handler, options, &stats));
  test::PeerSocket deaf = test::begin_connect(listener.address());
  co_await test::until([served] { return *served != nullptr; });

  const std::uint64_t sent = co_await send_until_refused(&deaf, served);
  const BufferPool::Stats buffers = Shard::current().stats().buffers;
  EXPECT_LE((*served)->queued_bytes(), small_limits.high_water_bytes + overshoot_bytes);
  EXPECT_GT((*served)->queued_bytes(), 0U);
  EXPECT_LT((*served)->stats().bytes_received, sent);
  EXPECT_LE(buffers.total_bytes, 2 * (small_limits.high_water_bytes + overshoot_bytes));
  co_await play(listener.address());

  NumberedReader numbers;
  while (numbers.position() < sent && numbers.intact()) {
    const std::vector<std::byte> bytes = deaf.receive();
    numbers.take(bytes);
    if (bytes.empty()) co_await test::some_turns(2);
  }
  EXPECT_TRUE(numbers.intact()) << "at " << numbers.position();
  deaf.close();
  Runtime::current().drain();
  (void)co_await scope.join();
  EXPECT_EQ(stats->value().bytes_sent, sent + 400);
  EXPECT_EQ(stats->value().failed, 0U);
}

TEST_P(DeafPeerTest, StopsAWriterAndOnlyThat) {
  run_net([]() -> Task<void> {
    TcpStream* served = nullptr;
    auto handler = [&served](TcpStream stream) { return echo_written(std::move(stream), &served); };
    co_await serve_a_deaf_peer(handler, &served);
  });
}

TEST_P(DeafPeerTest, StopsWhoQueuesAtTheHighWaterMark) {
  run_net([]() -> Task<void> {
    TcpStream* served = nullptr;
    auto handler = [&served](TcpStream stream) { return echo_queued(std::move(stream), &served); };
    co_await serve_a_deaf_peer(handler, &served);
  });
}

/// Sends until the kernel takes no more.
Task<void> fill(test::PeerSocket* peer) {
  const std::vector<std::byte> block(std::size_t{256} * kibi);
  for (int refused = 0; refused < 3;) {
    refused = peer->send(block) == 0 ? refused + 1 : 0;
    co_await test::some_turns(5);
  }
}

Task<bool> is_served(Address server) {
  TcpStream stream = (co_await connect(server)).value();
  const WriteResult written = co_await stream.write("ping");
  if (!written) co_return false;
  const Result<Chain> read = co_await stream.read_exactly(4);
  co_return read.has_value() && *read == "ping";
}

/// Enough of them spend any budget: what each holds is bounded, how many there are is not. A server
/// that expects them has an idle timeout; this one shows that it gives everything back.
TEST_P(DeafPeerTest, ManyAreEndedByTheIdleTimeoutAndThePoolRecovers) {
  RuntimeOptions chosen = options();
  chosen.buffer_budget_bytes = 2048 * kibi;
  run_net(chosen, []() -> Task<void> {
    constexpr std::size_t many = 12;
    TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
    Stats stats;
    Scope scope;
    // Long enough for all of them to fill up before the first is ended.
    const auto idle_timeout = std::chrono::milliseconds(test::slow_build ? 1500 : 400);
    const ServeOptions options{.idle_timeout = idle_timeout,
                               .close_timeout = std::chrono::milliseconds(50)};
    scope.spawn(test::serve_into(&listener, test::echo<TcpStream>, options, &stats));
    std::vector<test::PeerSocket> deaf;
    for (std::size_t index = 0; index < many; ++index) {
      deaf.push_back(test::begin_connect(listener.address()));
      co_await fill(&deaf.back());
    }
    EXPECT_GT(Shard::current().stats().receive_pauses, 0U);

    bool served = false;
    while (!served) served = co_await is_served(listener.address());

    deaf.clear();
    Runtime::current().drain();
    (void)co_await scope.join();
    EXPECT_GT(stats->value().idle_cancelled, 0U);
    EXPECT_EQ(stats->value().ended, stats->value().accepted);
  });
}

}  // namespace
}  // namespace weir
