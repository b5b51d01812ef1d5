// A warm echo allocates nothing: neither through weir's own door (frames, chains, large blocks) nor
// through operator new. Slabs come from the pool and are counted there.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/allocation/heap_taken.h"
#include "tests/support/net_fixture.h"
#include "weir/base/allocate.h"
#include "weir/core/event.h"

namespace weir {
namespace {

using test::HeapTaken;

class EchoAllocationTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(EchoAllocationTest);

constexpr int warm_up_rounds = 100;
constexpr int counted_rounds = 300;
constexpr std::size_t message_bytes = 64;

/// How a server receives and answers.
Task<Result<void>> echo_by_queue(TcpStream stream) {
  for (;;) {
    Result<Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return Result<void>();
    const Result<void> queued = stream.queue(std::move(*bytes));
    if (!queued) co_return queued;
  }
}

Task<Result<void>> echo_by_span(TcpStream stream) {
  std::array<std::byte, 256> memory{};
  for (;;) {
    const Result<std::size_t> got = co_await stream.read_into(memory);
    if (!got) co_return std::unexpected(got.error());
    if (*got == 0) co_return Result<void>();
    const std::span<const std::byte> answer(memory.data(), *got);
    const WriteResult written = co_await stream.write(answer);
    if (!written) co_return std::unexpected(written.error());
  }
}

struct Client {
  TcpStream stream;
  int rounds = 0;
};

/// Asks and checks until all rounds are done; waits at `gate` after the warm-up.
Task<void> ask(Client* client, Event* gate, int* warm) {
  std::array<std::byte, message_bytes> message{};
  message.fill(std::byte{0x5a});
  const std::span<const std::byte> question(message);
  for (; client->rounds < warm_up_rounds + counted_rounds; ++client->rounds) {
    if (client->rounds == warm_up_rounds) {
      ++*warm;
      (void)co_await gate->wait();
    }
    const WriteResult written = co_await client->stream.write(question);
    if (!written) co_return;
    const Result<Chain> answer = co_await client->stream.read_exactly(message_bytes);
    if (!answer || !(*answer == question)) co_return;
  }
}

template <typename Handler>
Task<void> echo_without_allocating(Handler handler, std::size_t count) {
  TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
  std::optional<Result<ServeStats>> stats;
  Scope serving;
  serving.spawn(test::serve_into(&listener, handler, {}, &stats));
  std::vector<Client> clients(count);
  for (Client& client : clients) {
    Result<TcpStream> stream = co_await connect(listener.address());
    client.stream = std::move(stream).value();
  }
  Event gate;
  int warm = 0;
  Scope asking;
  for (Client& client : clients) asking.spawn(ask(&client, &gate, &warm));
  co_await test::until([&warm, count] { return warm == static_cast<int>(count); });
  // The warm-up of one is over before the others': once round together.

  const HeapTaken before = HeapTaken::now();
  gate.set();
  (void)co_await asking.join();
  const HeapTaken after = HeapTaken::now();

  for (const Client& client : clients) {
    EXPECT_EQ(client.rounds, warm_up_rounds + counted_rounds);
  }
  EXPECT_EQ(after.blocks - before.blocks, 0U);
  EXPECT_EQ(after.news - before.news, 0U);
  clients.clear();
  Runtime::current().drain();
  (void)co_await serving.join();
  EXPECT_EQ(stats->value().failed, 0U);
}

TEST_P(EchoAllocationTest, TheCountersCount) {
  const HeapTaken before = HeapTaken::now();

  deallocate_frame(allocate_frame(100), 100);
  const std::vector<int> some(100);

  EXPECT_EQ(HeapTaken::now().blocks - before.blocks, 1U);
  EXPECT_EQ(HeapTaken::now().news - before.news, 1U);
}

TEST_P(EchoAllocationTest, WrittenOverOneConnection) {
  run_net([]() -> Task<void> { return echo_without_allocating(test::echo<TcpStream>, 1); });
}
TEST_P(EchoAllocationTest, WrittenOver64Connections) {
  run_net([]() -> Task<void> { return echo_without_allocating(test::echo<TcpStream>, 64); });
}
TEST_P(EchoAllocationTest, QueuedOverOneConnection) {
  run_net([]() -> Task<void> { return echo_without_allocating(echo_by_queue, 1); });
}
TEST_P(EchoAllocationTest, QueuedOver64Connections) {
  run_net([]() -> Task<void> { return echo_without_allocating(echo_by_queue, 64); });
}
TEST_P(EchoAllocationTest, ReadIntoMemoryOverOneConnection) {
  run_net([]() -> Task<void> { return echo_without_allocating(echo_by_span, 1); });
}
TEST_P(EchoAllocationTest, ReadIntoMemoryOver64Connections) {
  run_net([]() -> Task<void> { return echo_without_allocating(echo_by_span, 64); });
}

}  // namespace
}  // namespace weir
