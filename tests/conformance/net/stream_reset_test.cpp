// A peer that resets: what it sent before can still be read, whoever waits is told.
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/ipv6.h"
#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"

namespace weir {
namespace {

using test::numbered_bytes;
using test::NumberedReader;

class StreamResetTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(StreamResetTest);

constexpr std::size_t unread_bytes = 50'000;

/// All of it, and then the error, again and again.
Task<void> expect_bytes_then_reset(TcpStream* stream, NumberedReader* numbers) {
  std::error_code error;
  while (!error) {
    Result<Chain> bytes = co_await stream->read();
    if (bytes) {
      EXPECT_FALSE(bytes->empty());
      if (bytes->empty()) co_return;
      numbers->take(*bytes);
    } else {
      error = bytes.error();
    }
  }
  EXPECT_TRUE(numbers->intact());
  EXPECT_EQ(numbers->position(), unread_bytes);
  EXPECT_EQ(error, from_errno(ECONNRESET));
  std::array<std::byte, 8> memory{};
  const Result<std::size_t> into = co_await stream->read_into(memory);
  EXPECT_EQ(into.error(), from_errno(ECONNRESET));
  const Result<Chain> exactly = co_await stream->read_exactly(1);
  EXPECT_EQ(exactly.error(), from_errno(ECONNRESET));
}

TEST_P(StreamResetTest, WhatIsInTheInboxIsReadFirst) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    EXPECT_EQ(peer.send(numbered_bytes(0, 1)), 1U);
    Result<Chain> first = co_await stream.read();
    NumberedReader numbers;
    numbers.take(*first);
    EXPECT_EQ(peer.send(numbered_bytes(1, unread_bytes - 1)), unread_bytes - 1);
    co_await test::until([&stream] { return stream.stats().bytes_received == unread_bytes; });

    peer.reset();
    co_await test::some_turns(20);

    co_await expect_bytes_then_reset(&stream, &numbers);
  });
}

TEST_P(StreamResetTest, WhatIsWithTheKernelIsReadFirst) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    EXPECT_EQ(peer.send(numbered_bytes(0, unread_bytes)), unread_bytes);

    peer.reset();

    NumberedReader numbers;
    co_await expect_bytes_then_reset(&stream, &numbers);
  });
}

Task<void> read_exactly_noting(TcpStream* stream, std::size_t bytes,
                               std::optional<Result<Chain>>* result) {
  result->emplace(co_await stream->read_exactly(bytes));
}

TEST_P(StreamResetTest, EndsAReadThatWaitsForMoreAndLeavesItsBytes) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    std::optional<Result<Chain>> waiting;
    Scope scope;
    scope.spawn(read_exactly_noting(&stream, 100, &waiting));
    EXPECT_EQ(peer.send(numbered_bytes(0, 60)), 60U);
    co_await test::until([&stream] { return stream.stats().bytes_received == 60; });
    EXPECT_FALSE(waiting.has_value());

    peer.reset();
    (void)co_await scope.join();

    EXPECT_EQ(waiting->error(), from_errno(ECONNRESET));
    Result<Chain> rest = co_await stream.read();
    NumberedReader numbers;
    numbers.take(*rest);
    EXPECT_EQ(numbers.position(), 60U);
  });
}

TEST_P(StreamResetTest, ByAPeerThatClosesWithUnreadBytes) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    const WriteResult written = co_await stream.write("nobody reads this");
    EXPECT_TRUE(written.has_value());
    EXPECT_EQ(peer.send("last words"), 10U);

    peer.close();  // RFC 1122 4.2.2.13: data lost, so a reset

    const Result<Chain> words = co_await stream.read_exactly(10);
    EXPECT_TRUE(words.has_value() && *words == "last words");
    const Result<Chain> end = co_await stream.read();
    EXPECT_EQ(end.error(), from_errno(ECONNRESET));
    const WriteResult late = co_await stream.write("late");
    EXPECT_TRUE(late.error() == from_errno(ECONNRESET) || late.error() == from_errno(EPIPE))
        << late.error().message();
  });
}

/// Who reset can still be asked, though getpeername(2) does not know any more.
Task<void> know_who_reset(Address local) {
  TcpListener listener = TcpListener::bind(local, {.shards = ListenOn::this_shard}).value();
  TcpStream client = (co_await connect(listener.address())).value();
  TcpStream server = (co_await listener.accept()).value();
  const Address before = client.local_address().value();

  client.abort();
  const Result<Chain> read = co_await server.read();

  EXPECT_EQ(read.error(), from_errno(ECONNRESET));
  EXPECT_EQ(server.peer_address(), before);
}

TEST_P(StreamResetTest, LeavesThePeersAddressKnown) {
  run_net([]() -> Task<void> { return know_who_reset(Address::loopback(0)); });
}

TEST_P(StreamResetTest, LeavesThePeersIPv6AddressKnown) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> { return know_who_reset(Address::loopback_ipv6(0)); });
}

TEST_P(StreamResetTest, ConcernsOnlyItsConnection) {
  run_net([]() -> Task<void> {
    auto other = co_await test::tcp_pair();
    std::vector<test::StreamWithPeer> victims;
    for (int index = 0; index < 50; ++index) {
      test::StreamWithPeer victim = co_await test::stream_with_peer();
      EXPECT_EQ(victim.peer.send(numbered_bytes(0, unread_bytes)), unread_bytes);
      victims.push_back(std::move(victim));
    }

    for (test::StreamWithPeer& victim : victims) {
      victim.peer.reset();
      const WriteResult written = co_await other.theirs.write("ping");
      EXPECT_TRUE(written.has_value());
      const Result<Chain> ping = co_await other.ours.read_exactly(4);
      EXPECT_TRUE(ping.has_value() && *ping == "ping");
    }

    for (test::StreamWithPeer& victim : victims) {
      NumberedReader numbers;
      co_await expect_bytes_then_reset(&victim.stream, &numbers);
    }
  });
}

}  // namespace
}  // namespace weir
