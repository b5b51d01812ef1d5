// Writing to a stream: back-pressure, and what a cancelled write leaves behind.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"
#include "weir/core/event.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using test::numbered_bytes;
using test::NumberedReader;
using test::too_much_to_send;
using test::wait_noting;

class StreamWriteTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(StreamWriteTest);

constexpr std::size_t mebi = std::size_t{1} << 20;

/// Until the kernel takes no more.
Task<void> settle(const TcpStream* stream) {
  for (int still = 0; still < 20;) {
    const std::uint64_t before = stream->stats().bytes_sent;
    (co_await sleep_for(std::chrono::milliseconds(2))).value();
    still = stream->stats().bytes_sent == before ? still + 1 : 0;
  }
}

template <typename Bytes>
Task<void> write_noting(TcpStream* stream, Bytes bytes, std::optional<WriteResult>* result) {
  result->emplace(co_await stream->write(std::move(bytes)));
}

TEST_P(StreamWriteTest, QueueRefusesFromTheHighWaterMarkOn) {
  run_net([]() -> Task<void> {
    const StreamLimits limits{.high_water_bytes = mebi, .low_water_bytes = mebi / 4};
    auto pair = co_await test::tcp_pair(limits);
    const std::vector<std::byte> piece(mebi / 8);

    Result<void> queued;
    std::size_t accepted = 0;
    while (accepted < too_much_to_send) {
      queued = pair.ours.queue(piece);
      if (!queued) {
        co_await settle(&pair.ours);
        queued = pair.ours.queue(piece);
        if (!queued) break;
      }
      accepted += piece.size();
    }

    EXPECT_EQ(queued.error(), Error::out_queue_full);
    EXPECT_LE(pair.ours.queued_bytes(), mebi + piece.size());
    EXPECT_GE(pair.ours.queued_bytes(), mebi);
    EXPECT_EQ(pair.ours.stats().bytes_queued, accepted);

    Scope scope;
    std::optional<Result<void>> drained;
    scope.spawn(wait_noting(pair.ours.drained(), &drained));
    co_await yield();
    EXPECT_FALSE(drained.has_value());
    while (!drained) (void)(co_await pair.theirs.read()).value();
    EXPECT_TRUE(drained->has_value());
    EXPECT_LE(pair.ours.queued_bytes(), mebi / 4);
    EXPECT_TRUE(pair.ours.queue(piece).has_value());
    (void)co_await scope.join();
    pair.ours.abort();
  });
}

TEST_P(StreamWriteTest, AWriteWaitsForAPeerThatDoesNotRead) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    auto other = co_await test::tcp_pair();
    const std::vector<std::byte> bytes = numbered_bytes(0, too_much_to_send);
    std::optional<WriteResult> written;
    Scope scope;
    scope.spawn(write_noting(&pair.ours, std::span<const std::byte>(bytes), &written));
    co_await settle(&pair.ours);
    EXPECT_FALSE(written.has_value());

    for (int round = 0; round < 100; ++round) {
      const auto written1 = co_await other.ours.write("ping");
      EXPECT_TRUE(written1.has_value());
      const auto read2 = co_await other.theirs.read_exactly(4);
      EXPECT_EQ(read2.value(), "ping");
    }

    NumberedReader numbers;
    while (numbers.position() < bytes.size()) {
      Chain chain = (co_await pair.theirs.read()).value();
      numbers.take(chain);
      if (!numbers.intact()) break;
    }
    (void)co_await scope.join();
    EXPECT_TRUE(numbers.intact());
    EXPECT_TRUE(written->has_value());
    EXPECT_EQ(written->bytes_taken(), bytes.size());
  });
}

/// Three writes of which one is cancelled; what arrives is what `bytes_taken` says.
template <typename Make>
Task<void> cancel_one_of_three(int cancelled, Make make) {
  auto pair = co_await test::tcp_pair();
  std::array<std::vector<std::byte>, 3> sources;
  std::array<std::optional<WriteResult>, 3> results;
  std::array<Scope, 3> scopes;
  for (std::size_t index = 0; index < 3; ++index) {
    sources[index] = numbered_bytes(index * 1000, too_much_to_send / 4);
    scopes[index].spawn(write_noting(&pair.ours, make(sources[index]), &results[index]));
  }
  co_await settle(&pair.ours);

  const auto victim = static_cast<std::size_t>(cancelled);
  scopes[victim].cancel();
  (void)co_await scopes[victim].join();
  EXPECT_EQ(results[victim]->error(), Error::cancelled);
  EXPECT_LT(results[victim]->bytes_taken(), sources[victim].size());
  std::vector<std::byte> expected;
  for (std::size_t index = 0; index < 3; ++index) {
    const std::size_t bytes =
        index == victim ? results[index]->bytes_taken() : sources[index].size();
    expected.insert(expected.end(), sources[index].begin(),
                    sources[index].begin() + static_cast<std::ptrdiff_t>(bytes));
  }

  std::size_t position = 0;
  bool intact = true;
  while (position < expected.size() && intact) {
    Result<Chain> read = co_await pair.theirs.read();
    const Chain chain = std::move(read.value());
    for (const Buffer& buffer : chain) {
      const std::size_t bytes = std::min(buffer.size(), expected.size() - position);
      intact = intact && bytes == buffer.size() &&
               std::memcmp(buffer.data(), expected.data() + position, bytes) == 0;
      position += bytes;
    }
  }
  for (Scope& scope : scopes) (void)co_await scope.join();
  EXPECT_TRUE(intact) << "near " << position;
  EXPECT_EQ(pair.ours.queued_bytes(), 0U);
  EXPECT_EQ(pair.ours.stats().bytes_queued, expected.size());
  EXPECT_EQ(pair.ours.stats().bytes_sent, expected.size());
  for (std::size_t index = 0; index < 3; ++index) {
    if (index == victim) continue;
    EXPECT_TRUE(results[index]->has_value());
  }
}

TEST_P(StreamWriteTest, ACancelledWriteOfASpanLeavesWhatTheKernelTook) {
  for (const int cancelled : {0, 1, 2}) {
    run_net([cancelled]() -> Task<void> {
      co_await cancel_one_of_three(cancelled, [](const std::vector<std::byte>& bytes) {
        return std::span<const std::byte>(bytes);
      });
    });
  }
}

TEST_P(StreamWriteTest, ACancelledWriteOfAChainLeavesWhatTheKernelTook) {
  for (const int cancelled : {0, 1, 2}) {
    run_net([cancelled]() -> Task<void> {
      co_await cancel_one_of_three(cancelled, [](const std::vector<std::byte>& bytes) {
        Chain chain;
        const std::span<const std::byte> all(bytes);
        for (std::size_t at = 0; at < all.size(); at += mebi) {
          chain.append(Buffer::copy_of(all.subspan(at, mebi)));
        }
        return chain;
      });
    });
  }
}

TEST_P(StreamWriteTest, ACancelledWriteLetsFlushAndDrainedGoOn) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    const std::vector<std::byte> bytes(too_much_to_send);
    std::optional<WriteResult> written;
    std::optional<Result<void>> flushed;
    std::optional<Result<void>> drained;
    Scope writer;
    Scope waiters;
    writer.spawn(write_noting(&pair.ours, std::span<const std::byte>(bytes), &written));
    co_await settle(&pair.ours);
    waiters.spawn(wait_noting(pair.ours.drained(), &drained));
    waiters.spawn(wait_noting(pair.ours.flush(), &flushed));
    co_await yield();
    EXPECT_FALSE(flushed.has_value());
    EXPECT_FALSE(drained.has_value());

    writer.cancel();
    (void)co_await writer.join();
    const Result<void> joined = co_await with_timeout(std::chrono::seconds(20), waiters.join());

    EXPECT_TRUE(joined.has_value());
    EXPECT_EQ(pair.ours.queued_bytes(), 0U);
    EXPECT_TRUE(flushed.has_value() && flushed->has_value());
    EXPECT_TRUE(drained.has_value() && drained->has_value());
  });
}

TEST_P(StreamWriteTest, APeerThatResetsFailsTheWriteAndAllLaterOnes) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    const std::vector<std::byte> bytes(too_much_to_send);
    std::optional<WriteResult> written;
    Scope scope;
    scope.spawn(write_noting(&stream, std::span<const std::byte>(bytes), &written));
    co_await settle(&stream);

    peer.reset();
    (void)co_await scope.join();

    EXPECT_TRUE(written->error() == from_errno(ECONNRESET) || written->error() == from_errno(EPIPE))
        << written->error().message();
    EXPECT_LT(written->bytes_taken(), bytes.size());
    EXPECT_EQ(written->bytes_taken(), stream.stats().bytes_sent);
    const WriteResult again = co_await stream.write("more");
    EXPECT_EQ(again.error(), written->error());
    EXPECT_EQ(again.bytes_taken(), 0U);
    EXPECT_EQ(stream.queue("more").error(), written->error());
    EXPECT_TRUE(stream.peer_address().has_value());
  });
}

TEST_P(StreamWriteTest, ShutdownWriteSendsWhatIsQueuedAndThenTheEnd) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    pair.ours.queue("question").value();

    (co_await pair.ours.shutdown_write()).value();

    const auto read3 = co_await pair.theirs.read();
    EXPECT_EQ(read3.value(), "question");
    const auto read4 = co_await pair.theirs.read();
    EXPECT_TRUE(read4.value().empty());
    const auto read5 = co_await pair.theirs.read();
    EXPECT_TRUE(read5.value().empty());
    EXPECT_EQ(pair.ours.queue("more").error(), Error::closed);
    const auto written6 = co_await pair.theirs.write("answer");
    EXPECT_TRUE(written6.has_value());
    const auto read7 = co_await pair.ours.read();
    EXPECT_EQ(read7.value(), "answer");
  });
}

TEST_P(StreamWriteTest, ACancelledShutdownCanBeAwaitedAgain) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    const std::vector<std::byte> bytes(too_much_to_send);
    Scope scope;
    pair.ours.queue(Chain(Buffer::copy_of(bytes))).value();

    const Result<void> first =
        co_await with_timeout(std::chrono::milliseconds(20), pair.ours.shutdown_write());
    EXPECT_EQ(first.error(), Error::deadline_exceeded);
    std::optional<Result<void>> second;
    scope.spawn(wait_noting(pair.ours.shutdown_write(), &second));
    std::size_t received = 0;
    for (;;) {
      Result<Chain> read = co_await pair.theirs.read();
      const Chain chain = std::move(read.value());
      if (chain.empty()) break;
      received += chain.size();
      if (second && !second->has_value()) break;
    }
    (void)co_await scope.join();

    EXPECT_TRUE(second->has_value()) << second->error().message();
    EXPECT_EQ(received, bytes.size());
  });
}

}  // namespace
}  // namespace weir
