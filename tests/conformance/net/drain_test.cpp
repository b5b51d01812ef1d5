// A drain under load: no answer is cut.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using test::numbered_bytes;
using test::NumberedReader;

class DrainTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(DrainTest);

constexpr std::size_t message_bytes = 100;
constexpr std::uint64_t depth = 16;

/// Answers whole messages only.
Task<Result<void>> echo_messages(TcpStream stream) {
  for (;;) {
    Result<Chain> message = co_await stream.read_exactly(message_bytes);
    if (!message) co_return Result<void>();
    while (!stream.queue(std::move(*message))) (void)co_await stream.drained();
  }
}

Task<Result<void>> echo_into_memory(TcpStream stream) {
  std::array<std::byte, message_bytes> message{};
  for (std::size_t filled = 0;;) {
    const Result<std::size_t> got = co_await stream.read_into(std::span(message).subspan(filled));
    if (!got || *got == 0) co_return Result<void>();
    filled += *got;
    if (filled < message.size()) continue;
    (void)co_await stream.write(message);
    filled = 0;
  }
}

/// Keeps `depth` messages on their way until the server ends the stream.
Task<void> pipeline(Address server, int* answered, int* clean) {
  TcpStream stream = (co_await connect(server)).value();
  NumberedReader numbers;
  std::uint64_t sent = 0;
  for (;;) {
    while (sent < numbers.position() / message_bytes + depth) {
      (void)stream.queue(numbered_bytes(sent++ * message_bytes, message_bytes));
    }
    Result<Chain> answer = co_await stream.read();
    EXPECT_TRUE(answer.has_value()) << answer.error().message();
    if (!answer) co_return;
    if (answer->empty()) break;
    numbers.take(*answer);
    if (!numbers.intact()) break;
    *answered += 1;
  }
  EXPECT_TRUE(numbers.intact());
  EXPECT_EQ(numbers.position() % message_bytes, 0U);
  *clean += 1;
}

template <typename Handler>
Task<void> drain_under_load(Handler handler) {
  TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
  std::optional<Result<ServeStats>> stats;
  Scope serving;
  serving.spawn(test::serve_into(&listener, handler, {}, &stats));
  constexpr int clients = 8;
  int answered = 0;
  int clean = 0;
  Scope loads;
  for (int index = 0; index < clients; ++index) {
    loads.spawn(pipeline(listener.address(), &answered, &clean));
  }
  while (answered < 300) (void)co_await sleep_for(std::chrono::milliseconds(1));

  Runtime::current().drain();
  (void)co_await loads.join();
  (void)co_await serving.join();

  EXPECT_EQ(clean, clients);
  EXPECT_TRUE(stats->has_value());
  EXPECT_EQ((*stats)->ended, static_cast<std::uint64_t>(clients));
}

TEST_P(DrainTest, EveryClientGetsWholeAnswersAndThenTheEnd) {
  for (int round = 0; round < 5; ++round) {
    run_net([]() -> Task<void> { return drain_under_load(echo_messages); });
  }
}

TEST_P(DrainTest, AlsoWhenTheServerReadsIntoItsOwnMemory) {
  for (int round = 0; round < 5; ++round) {
    run_net([]() -> Task<void> { return drain_under_load(echo_into_memory); });
  }
}

TEST_P(DrainTest, OnSeveralShardsToo) {
  run_net(options(3), []() -> Task<void> { return drain_under_load(echo_messages); });
}

}  // namespace
}  // namespace weir
