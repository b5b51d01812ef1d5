// Reading from a stream: the end, errors, and cancellation that loses nothing.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"
#include "tests/support/seed.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using test::numbered_bytes;
using test::NumberedReader;

class StreamReadTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(StreamReadTest);

TEST_P(StreamReadTest, TheEndStaysTheEndAndTheOtherDirectionGoesOn) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    EXPECT_EQ(peer.send("last"), 4U);
    peer.shutdown_write();

    const Result<Chain> too_many = co_await stream.read_exactly(5);
    EXPECT_EQ(too_many.error(), Error::end_of_stream);
    const Result<Chain> last = co_await stream.read();
    EXPECT_EQ(*last, "last");
    for (int round = 0; round < 3; ++round) {
      const Result<Chain> end = co_await stream.read();
      EXPECT_TRUE(end.has_value() && end->empty());
      std::byte memory[8];
      const Result<std::size_t> into = co_await stream.read_into(memory);
      EXPECT_EQ(into.value(), 0U);
    }

    const WriteResult written = co_await stream.write("still here");
    EXPECT_TRUE(written.has_value());
    EXPECT_EQ(peer.receive().size(), 10U);
  });
}

TEST_P(StreamReadTest, AResetIsAnErrorAgainAndAgain) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    EXPECT_EQ(peer.send("some"), 4U);
    const Result<Chain> some = co_await stream.read_exactly(4);
    EXPECT_EQ(*some, "some");

    peer.reset();

    for (int round = 0; round < 3; ++round) {
      const Result<Chain> read = co_await stream.read();
      EXPECT_EQ(read.error(), from_errno(ECONNRESET));
    }
    EXPECT_TRUE(stream.peer_address().has_value());
  });
}

TEST_P(StreamReadTest, ASecondReaderIsRefused) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    auto read = [](TcpStream* from) -> Task<Result<Chain>> { co_return co_await from->read(); };
    Scope scope;
    scope.spawn(read(&stream));
    co_await yield();

    const Result<Chain> second = co_await stream.read();

    EXPECT_EQ(second.error(), Error::busy);
    scope.cancel();
    (void)co_await scope.join();
    EXPECT_EQ(peer.send("x"), 1U);
    const Result<Chain> third = co_await stream.read();
    EXPECT_EQ(*third, "x");
  });
}

enum class Way { any, exactly, into, mixed };

Task<void> send_numbered(TcpStream* stream, std::size_t total, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t sent = 0; sent < total;) {
    const std::size_t bytes = std::min<std::size_t>(1 + random() % 64, total - sent);
    const std::vector<std::byte> piece = numbered_bytes(sent, bytes);
    const WriteResult written = co_await stream->write(piece);
    if (!written) co_return;
    sent += bytes;
    if (random() % 4 == 0) (void)co_await sleep_for(std::chrono::microseconds(random() % 50));
  }
  (void)co_await stream->shutdown_write();
}

/// Reads with short random deadlines. \returns how many reads were cancelled.
Task<int> read_with_deadlines(TcpStream* stream, Way way, std::size_t total,
                              NumberedReader* numbers, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  int cancelled = 0;
  while (numbers->position() < total && numbers->intact()) {
    const auto timeout = std::chrono::microseconds(random() % 40);
    const Way now = way == Way::mixed ? static_cast<Way>(random() % 3) : way;
    std::error_code error;
    if (now == Way::into) {
      std::byte memory[48];
      const Result<std::size_t> got = co_await with_timeout(timeout, stream->read_into(memory));
      if (got) numbers->take({memory, *got});
      if (!got) error = got.error();
    } else {
      const std::size_t wanted =
          now == Way::any ? 1
                          : std::min<std::size_t>(1 + random() % 100, total - numbers->position());
      auto read = now == Way::any ? stream->read() : stream->read_exactly(wanted);
      Result<Chain> got = co_await with_timeout(timeout, std::move(read));
      if (got) numbers->take(*got);
      if (!got) error = got.error();
    }
    if (error == Error::deadline_exceeded) {
      ++cancelled;
    } else if (error) {
      EXPECT_FALSE(error) << error.message();
      break;
    }
  }
  co_return cancelled;
}

Task<void> lossless(Way way, std::size_t total) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  auto pair = co_await test::tcp_pair();
  NumberedReader numbers;
  Scope scope;
  scope.spawn(send_numbered(&pair.theirs, total, seed.value()));
  const int cancelled =
      co_await read_with_deadlines(&pair.ours, way, total, &numbers, seed.value());
  (void)co_await scope.join();
  EXPECT_TRUE(numbers.intact()) << "at " << numbers.position() << ", " << seed.text();
  EXPECT_EQ(numbers.position(), total);
  EXPECT_GT(cancelled, 0);
  const Result<Chain> end = co_await pair.ours.read();
  EXPECT_TRUE(end.has_value() && end->empty());
}

constexpr std::size_t numbered_total = 400'000;

TEST_P(StreamReadTest, ReadsWithDeadlinesLoseNothing) {
  run_net([]() -> Task<void> { return lossless(Way::any, numbered_total); });
}
TEST_P(StreamReadTest, ExactReadsWithDeadlinesLoseNothing) {
  run_net([]() -> Task<void> { return lossless(Way::exactly, numbered_total); });
}
TEST_P(StreamReadTest, ReadsIntoMemoryWithDeadlinesLoseNothing) {
  run_net([]() -> Task<void> { return lossless(Way::into, numbered_total); });
}
TEST_P(StreamReadTest, AllWaysOfReadingInTurnLoseNothing) {
  run_net([]() -> Task<void> { return lossless(Way::mixed, numbered_total); });
}

}  // namespace
}  // namespace weir
