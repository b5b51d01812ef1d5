// Thousands of peers that send a few bytes and stop: what they pin of the pool stays bounded.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/build_kind.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"

namespace weir {
namespace {

using test::numbered_bytes;
using test::NumberedReader;

constexpr std::size_t peers_wanted = test::slow_build ? 1000 : 5000;
constexpr std::size_t peers_min = peers_wanted / 5;
/// A peer is a descriptor here and one at the server.
constexpr std::size_t other_descriptors = 200;
constexpr std::size_t trickle_budget_bytes = std::size_t{2} << 20;  // 32 slabs
constexpr std::size_t half_bytes = 9;
constexpr std::size_t peers_between_transfers = peers_wanted / 100;
constexpr std::size_t transfer_bytes = std::size_t{128} << 10;

class TrickleTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(TrickleTest);

/// What the server's connections have seen.
struct Served {
  std::size_t started = 0;
  std::size_t whole = 0;
};

/// Waits for a message of which only the first half comes for now.
Task<Result<void>> expect_two_halves(TcpStream stream, Served* served) {
  ++served->started;
  Result<Chain> message = co_await stream.read_exactly(2 * half_bytes);
  if (!message) co_return std::unexpected(message.error());
  NumberedReader numbers;
  numbers.take(*message);
  if (numbers.intact() && numbers.position() == 2 * half_bytes) ++served->whole;
  co_return Result<void>();
}

/// One that is served all the time, through the same pool.
struct Bulk {
  test::TcpPair pair;
  NumberedReader numbers;
};

Task<void> write_bulk(Bulk* bulk, std::uint64_t position) {
  const std::vector<std::byte> bytes = numbered_bytes(position, transfer_bytes);
  const WriteResult written = co_await bulk->pair.theirs.write(bytes);
  EXPECT_TRUE(written.has_value());
}

Task<void> transfer(Bulk* bulk) {
  const std::uint64_t end = bulk->numbers.position() + transfer_bytes;
  Scope scope;
  scope.spawn(write_bulk(bulk, bulk->numbers.position()));
  while (bulk->numbers.position() < end && bulk->numbers.intact()) {
    Result<Chain> bytes = co_await bulk->pair.ours.read();
    EXPECT_TRUE(bytes.has_value());
    if (!bytes) break;
    bulk->numbers.take(*bytes);
  }
  (void)co_await scope.join();
}

/// What ten transfers take, in turns of the shard: a time would be the machine's.
Task<std::uint64_t> count_turns_of_transfers(Bulk* bulk) {
  const std::uint64_t before = Shard::current().stats().turns;
  for (int round = 0; round < 10; ++round) co_await transfer(bulk);
  co_return Shard::current().stats().turns - before;
}

/// Slabs would be pinned by the hundred: between one group's bytes and the next one's a slab is
/// filled with what is consumed at once.
Task<void> trickle(std::vector<test::PeerSocket>* peers, std::uint64_t position, Bulk* bulk) {
  const std::vector<std::byte> half = numbered_bytes(position, half_bytes);
  for (std::size_t index = 0; index < peers->size(); ++index) {
    EXPECT_EQ((*peers)[index].send(half), half_bytes);
    if (index % peers_between_transfers == 0) co_await transfer(bulk);
  }
}

Task<void> connect_peers(std::vector<test::PeerSocket>* peers, std::size_t count, Address server,
                         const Served* served) {
  while (peers->size() < count) {
    peers->push_back(test::begin_connect(server));
    // The backlog is longer, but half-open connections have limits of their own.
    if (peers->size() % 250 != 0 && peers->size() != count) continue;
    co_await test::until([peers, served] { return served->started == peers->size(); });
  }
}

Task<void> trickle_from(std::size_t peer_count) {
  TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
  Served served;
  std::optional<Result<ServeStats>> stats;
  Scope serving;
  auto handler = [&served](TcpStream stream) {
    return expect_two_halves(std::move(stream), &served);
  };
  serving.spawn(test::serve_into(&listener, handler, {}, &stats));
  Bulk bulk;
  test::TcpPair pair = co_await test::tcp_pair();
  bulk.pair = std::move(pair);
  std::vector<test::PeerSocket> peers;
  co_await connect_peers(&peers, peer_count, listener.address(), &served);
  const std::uint64_t turns_alone = co_await count_turns_of_transfers(&bulk);

  co_await trickle(&peers, 0, &bulk);
  const std::uint64_t turns_beside = co_await count_turns_of_transfers(&bulk);
  EXPECT_LE(turns_beside, 2 * turns_alone + 10);  // beside all that the others pin
  const BufferPool::Stats buffers = Shard::current().stats().buffers;
  EXPECT_EQ(served.whole, 0U);
  EXPECT_TRUE(bulk.numbers.intact());
  EXPECT_LE(buffers.total_bytes, trickle_budget_bytes);
  EXPECT_GT(buffers.compactions, 0U);
  EXPECT_GT(buffers.slabs_compacted, 0U);

  co_await trickle(&peers, half_bytes, &bulk);
  co_await test::until([&served, peer_count] { return served.whole == peer_count; });
  EXPECT_TRUE(bulk.numbers.intact());
  peers.clear();
  Runtime::current().drain();
  (void)co_await serving.join();
  EXPECT_EQ(stats->value().ended, peer_count);
  EXPECT_EQ(stats->value().failed, 0U);
}

TEST_P(TrickleTest, ThousandsOfPeersThatStopDoNotPinThePool) {
  const test::DescriptorLimit limit(2 * peers_wanted + other_descriptors);
  const std::size_t possible = (test::DescriptorLimit::current() - other_descriptors) / 2;
  const std::size_t peer_count = std::min(peers_wanted, possible);
  if (peer_count < peers_min) {
    GTEST_SKIP() << "RLIMIT_NOFILE is " << test::DescriptorLimit::current() << ", room for "
                 << peer_count << " peers; " << peers_min << " are needed";
  }
  RecordProperty("peers", static_cast<int>(peer_count));
  RuntimeOptions chosen = options();
  chosen.buffer_budget_bytes = trickle_budget_bytes;

  run_net(chosen, [peer_count]() -> Task<void> { return trickle_from(peer_count); });
}

}  // namespace
}  // namespace weir
