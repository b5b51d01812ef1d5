// Messages of all sizes through an echo server: TCP and Unix sockets, one shard and three, every
// way of reading. Every byte is compared.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "reactor/uring/options.h"
#include "tests/support/build_kind.h"
#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"
#include "tests/support/seed.h"
#include "weir/core/call.h"

namespace weir {
namespace {

using test::numbered_bytes;
using test::NumberedReader;

class EchoMatrixTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(EchoMatrixTest);

constexpr std::size_t slab_bytes = std::size_t{64} << 10;
constexpr std::size_t random_messages = test::slow_build ? 10 : 40;
constexpr std::size_t clients_per_shard = 4;  // one for each way

enum class EchoWay { read, read_exactly, read_into, read_what_was_queued };

using Sizes = std::vector<std::size_t>;

/// The edges, one of several MiB, and random ones of every magnitude, in random order.
Sizes message_sizes(std::mt19937_64* random) {
  Sizes sizes{0,
              1,
              0,
              2,
              slab_bytes - 1,
              slab_bytes,
              slab_bytes + 1,
              2 * slab_bytes - 1,
              4 * slab_bytes,
              4 * slab_bytes + 1,
              (std::size_t{3} << 20) + 7};
  for (std::size_t count = 0; count < random_messages; ++count) {
    const std::size_t magnitude = std::size_t{1} << ((*random)() % 18);
    sizes.push_back((*random)() % (2 * magnitude));
  }
  std::shuffle(sizes.begin(), sizes.end(), *random);
  return sizes;
}

template <typename S>
Task<void> send_messages(S* stream, const Sizes* sizes, EchoWay way) {
  std::uint64_t position = 0;
  for (const std::size_t size : *sizes) {
    const std::vector<std::byte> message = numbered_bytes(position, size);
    std::error_code error;
    if (way == EchoWay::read_what_was_queued) {
      const Result<void> room = co_await stream->drained();
      if (!room) error = room.error();
      const Result<void> queued = stream->queue(message);
      if (!queued) error = queued.error();
    } else {
      const WriteResult written = co_await stream->write(message);
      error = written.error();
    }
    EXPECT_FALSE(error) << size << " bytes: " << error.message();
    if (error) break;
    position += size;
  }
  const Result<void> shut = co_await stream->shutdown_write();
  EXPECT_TRUE(shut.has_value());
}

/// \returns the bytes that came; 0 at the end of the stream.
template <typename S>
Task<std::size_t> receive_some(S* stream, EchoWay way, std::size_t bytes_max,
                               NumberedReader* numbers) {
  if (way == EchoWay::read_into) {
    std::array<std::byte, 5000> memory{};
    const Result<std::size_t> got = co_await stream->read_into(memory);
    EXPECT_TRUE(got.has_value());
    if (!got) co_return 0;
    numbers->take({memory.data(), *got});
    co_return *got;
  }
  const std::size_t wanted = std::max<std::size_t>(std::min<std::size_t>(bytes_max, 3000), 1);
  auto reading =
      way == EchoWay::read_exactly && bytes_max > 0 ? stream->read_exactly(wanted) : stream->read();
  Result<Chain> bytes = co_await reading;
  EXPECT_TRUE(bytes.has_value());
  if (!bytes) co_return 0;
  const std::size_t size = bytes->size();
  numbers->take(*bytes);
  co_return size;
}

template <typename S>
Task<void> exchange(S stream, EchoWay way, std::uint64_t seed, std::size_t* finished) {
  std::mt19937_64 random(seed);
  const Sizes sizes = message_sizes(&random);
  std::size_t total = 0;
  for (const std::size_t size : sizes) total += size;
  Scope sending;
  sending.spawn(send_messages(&stream, &sizes, way));

  NumberedReader numbers;
  while (numbers.intact()) {
    const std::size_t left = total - std::min<std::size_t>(total, numbers.position());
    const std::size_t got = co_await receive_some(&stream, way, left, &numbers);
    if (got == 0) break;
  }
  (void)co_await sending.join();

  EXPECT_TRUE(numbers.intact()) << "at " << numbers.position();
  EXPECT_EQ(numbers.position(), total);
  ++*finished;
}

Task<Result<TcpStream>> connect_to(TcpListener*, Address server) { return connect(server); }
Task<Result<UnixStream>> connect_to(UnixListener*, Address server) { return connect_unix(server); }

/// This shard's clients.
template <typename Listener>
Task<std::size_t> play(Listener* listener, Address server, std::uint64_t seed) {
  std::size_t finished = 0;
  Scope scope;
  for (std::size_t index = 0; index < clients_per_shard; ++index) {
    auto stream = co_await connect_to(listener, server);
    EXPECT_TRUE(stream.has_value());
    if (!stream) continue;
    scope.spawn(exchange(std::move(*stream), static_cast<EchoWay>(index), seed + index, &finished));
  }
  (void)co_await scope.join();
  co_return finished;
}

template <typename Listener>
Task<void> play_on(Shard* shard, Listener* listener, Address server, std::uint64_t seed,
                   std::size_t* finished) {
  auto here = [listener, server, seed] { return play(listener, server, seed); };
  const std::size_t count = co_await call(*shard, here);
  *finished += count;
}

template <typename Listener>
Task<void> echo_everything(Listener listener) {
  const test::Seed seed;
  const Address server = listener.address();
  std::optional<Result<ServeStats>> stats;
  Scope serving;
  serving.spawn(test::serve_into(&listener, test::echo<typename Listener::Stream>, {}, &stats));
  Runtime& runtime = Runtime::current();
  std::size_t finished = 0;
  Scope playing;
  for (unsigned id = 0; id < runtime.shard_count(); ++id) {
    playing.spawn(
        play_on(&runtime.shard(id), &listener, server, seed.value() + 100 * id, &finished));
  }
  (void)co_await playing.join();
  runtime.drain();
  (void)co_await serving.join();

  const std::size_t clients = clients_per_shard * runtime.shard_count();
  EXPECT_EQ(finished, clients) << seed.text();
  EXPECT_EQ(stats->value().accepted, clients);
  EXPECT_EQ(stats->value().failed, 0U);
  EXPECT_EQ(stats->value().bytes_received, stats->value().bytes_sent);
  EXPECT_FALSE(::testing::Test::HasFailure()) << seed.text();
}

Task<void> echo_over_tcp() {
  TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
  co_await echo_everything(std::move(listener));
}

Task<void> echo_over_unix_sockets() {
  const std::string name = "weir-echo-matrix-" + std::to_string(::getpid());
  UnixListener listener = UnixListener::bind(Address::from_unix_abstract(name).value()).value();
  co_await echo_everything(std::move(listener));
}

TEST_P(EchoMatrixTest, TcpOnOneShard) { run_net(options(1), echo_over_tcp); }
TEST_P(EchoMatrixTest, TcpOnThreeShards) { run_net(options(3), echo_over_tcp); }
TEST_P(EchoMatrixTest, UnixSocketsOnOneShard) { run_net(options(1), echo_over_unix_sockets); }
TEST_P(EchoMatrixTest, UnixSocketsOnThreeShards) { run_net(options(3), echo_over_unix_sockets); }

/// Where a trial has shown that calls are cheaper than entries of the ring.
class EchoByCallsTest : public EchoMatrixTest {
 protected:
  EchoByCallsTest() { reactor::many_sends_probed = reactor::ManySends::calls; }
  ~EchoByCallsTest() override { reactor::many_sends_probed = reactor::ManySends::tried; }
};
INSTANTIATE_TEST_SUITE_P(Backends, EchoByCallsTest, ::testing::Values(Backend::io_uring),
                         test::backend_test_name);

TEST_P(EchoByCallsTest, Tcp) { run_net(options(3), echo_over_tcp); }
TEST_P(EchoByCallsTest, UnixSockets) { run_net(options(3), echo_over_unix_sockets); }

}  // namespace
}  // namespace weir
