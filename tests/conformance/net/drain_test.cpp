// A drain under load: no answer is cut.
#include "weir/core/drain.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"
#include "weir/net/framed_stream.h"
#include "weir/protocols/fixed_length.h"

namespace weir {
namespace {

using protocols::FixedLength;
using protocols::FrameView;
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
  co_await test::until([&answered] { return answered >= 300; });

  Runtime::current().drain();
  (void)co_await loads.join();
  (void)co_await serving.join();

  EXPECT_EQ(clean, clients);
  EXPECT_TRUE(stats->has_value());
  EXPECT_EQ(stats->value().ended, static_cast<std::uint64_t>(clients));
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

constexpr std::size_t small_inbox_bytes = 16 * 1024;
constexpr std::size_t arrived_bytes = 60'100;  // whole messages, of which the inbox takes some

enum class DrainedRead { read, read_exactly, read_into, framed };

/// In frames that are no divisor of what the inbox takes.
Task<Result<void>> read_frames(TcpStream stream, NumberedReader* numbers) {
  FramedStream framed(std::move(stream), FixedLength::create(10 * message_bytes).value());
  for (;;) {
    auto batch = co_await framed.read_batch();
    if (!batch) co_return std::unexpected(batch.error());
    if (batch->empty()) co_return Result<void>();
    for (const FrameView frame : *batch) {
      for (const auto piece : frame) numbers->take(piece);
    }
  }
}

/// Reads one message, and the others when the drain has begun.
Task<Result<void>> read_after_the_drain(TcpStream stream, DrainedRead way, TcpStream** served,
                                        NumberedReader* numbers) {
  *served = &stream;
  Result<Chain> first = co_await stream.read_exactly(message_bytes);
  if (!first) co_return std::unexpected(first.error());
  numbers->take(*first);
  (void)co_await drain_begun();
  co_await test::some_turns(20);
  if (way == DrainedRead::framed) {
    *served = nullptr;
    co_return co_await read_frames(std::move(stream), numbers);
  }
  for (;;) {
    if (way == DrainedRead::read_into) {
      std::array<std::byte, 777> memory{};
      const Result<std::size_t> got = co_await stream.read_into(memory);
      if (!got) co_return std::unexpected(got.error());
      if (*got == 0) break;
      numbers->take({memory.data(), *got});
      continue;
    }
    auto reading =
        way == DrainedRead::read_exactly ? stream.read_exactly(10 * message_bytes) : stream.read();
    Result<Chain> bytes = co_await reading;
    if (!bytes && bytes.error() == Error::end_of_stream) break;
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) break;
    numbers->take(*bytes);
  }
  *served = nullptr;
  co_return Result<void>();
}

bool all_acknowledged(const test::PeerSocket& peer) {
  int unacknowledged = 1;
  return ::ioctl(peer.fd(), SIOCOUTQ, &unacknowledged) == 0 && unacknowledged == 0;
}

Task<void> drain_with_a_full_inbox(DrainedRead way) {
  TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
  std::optional<Result<ServeStats>> stats;
  TcpStream* served = nullptr;
  NumberedReader numbers;
  auto handler = [way, &served, &numbers](TcpStream stream) {
    return read_after_the_drain(std::move(stream), way, &served, &numbers);
  };
  const ServeOptions options{.limits = {.receive_bytes_max = small_inbox_bytes}};
  Scope serving;
  serving.spawn(test::serve_into(&listener, handler, options, &stats));
  test::PeerSocket peer = test::begin_connect(listener.address());
  co_await test::until([&served] { return served != nullptr; });
  EXPECT_EQ(peer.send(numbered_bytes(0, arrived_bytes)), arrived_bytes);
  co_await test::until([&peer, &served] {
    return all_acknowledged(peer) && served->stats().bytes_received >= small_inbox_bytes;
  });

  Runtime::current().drain();
  co_await test::until([&served] { return served == nullptr; });
  peer.close();
  (void)co_await serving.join();

  EXPECT_TRUE(numbers.intact());
  EXPECT_EQ(numbers.position(), arrived_bytes);
  EXPECT_EQ(stats->value().failed, 0U);
  EXPECT_EQ(stats->value().bytes_received, arrived_bytes);
}

TEST_P(DrainTest, WhatHadArrivedBeyondAFullInboxIsReadToo) {
  run_net([]() -> Task<void> { return drain_with_a_full_inbox(DrainedRead::read); });
}
TEST_P(DrainTest, AndReadExactly) {
  run_net([]() -> Task<void> { return drain_with_a_full_inbox(DrainedRead::read_exactly); });
}
TEST_P(DrainTest, AndReadIntoMemory) {
  run_net([]() -> Task<void> { return drain_with_a_full_inbox(DrainedRead::read_into); });
}

TEST_P(DrainTest, AndInFrames) {
  run_net([]() -> Task<void> { return drain_with_a_full_inbox(DrainedRead::framed); });
}

TEST_P(DrainTest, OnSeveralShardsToo) {
  run_net(options(3), []() -> Task<void> { return drain_under_load(echo_messages); });
}

}  // namespace
}  // namespace weir
