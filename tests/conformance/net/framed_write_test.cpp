// Frames that leave: back-pressure, borrowed frames and refusals, on each backend.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/framed_net.h"
#include "tests/support/memory_stream.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"
#include "weir/core/when_all.h"
#include "weir/net/unix_stream.h"

namespace weir::test {
namespace {

using protocols::FrameView;
using protocols::Line;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

class FramedWriteTest : public NetTest {};
WEIR_ON_EACH_BACKEND(FramedWriteTest);

TEST_P(FramedWriteTest, WriteWaitsAtTheHighWaterMarkAndLosesNothing) {
  run_net([]() -> Task<void> {
    constexpr int count = 200;
    constexpr std::size_t bytes = 1000;
    constexpr StreamLimits limits{.high_water_bytes = 4000, .low_water_bytes = 1000};
    auto pair = MemoryStream::pair(limits);
    FramedStream ours(std::move(pair.ours), length_prefix());
    FramedStream theirs(std::move(pair.theirs), length_prefix());
    std::size_t most_queued = 0;
    auto send = [&]() -> Task<void> {
      for (int i = 0; i < count; ++i) {
        Chain frame = chain_of(std::string(bytes, static_cast<char>('a' + i % 26)));
        const Result<void> written = co_await ours.write(std::move(frame));
        EXPECT_TRUE(written);
        most_queued = std::max(most_queued, ours.stream().queued_bytes());
      }
      ours.stream().shutdown_write();
    };
    std::vector<std::string> frames;
    auto receive = [&]() -> Task<void> { frames = co_await read_all(&theirs); };

    co_await when_all(send(), receive());

    EXPECT_EQ(frames.size(), static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < frames.size(); ++i) {
      EXPECT_EQ(frames[i], std::string(bytes, static_cast<char>('a' + i % 26)));
    }
    EXPECT_LE(most_queued, limits.high_water_bytes + bytes + 4);
  });
}

/// Sends each frame of `framed` back as it is borrowed, up to the end.
template <typename C, typename S>
Task<void> echo_views(FramedStream<C, S>* framed, std::size_t* most_queued) {
  for (;;) {
    auto batch = co_await framed->read_batch();
    EXPECT_TRUE(batch) << framed->explain(batch.error());
    if (!batch || batch->empty()) co_return;
    for (const FrameView frame : *batch) {
      const Result<void> written = co_await framed->write(frame);
      EXPECT_TRUE(written);
      *most_queued = std::max(*most_queued, framed->stream().queued_bytes());
    }
  }
}

TEST_P(FramedWriteTest, BorrowedFramesOfEverySizeAreWritten) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), length_prefix());
    std::string wire;
    for (const std::size_t size : {0U, 1U, 7U, 8U, 64U, 255U, 256U, 5000U, 64U}) {
      wire += framed(std::string(size, static_cast<char>('a' + size % 26)));
    }
    connection.peer.send(wire);
    connection.peer.shutdown_write();

    std::size_t most_queued = 0;
    co_await echo_views(&ours, &most_queued);
    EXPECT_TRUE(co_await ours.stream().shutdown_write());

    EXPECT_TRUE(std::ranges::equal(connection.peer.receive(), as_bytes(wire)));
  });
}

TEST_P(FramedWriteTest, AWriteOfABorrowedFrameWaitsAtTheHighWaterMark) {
  run_net([]() -> Task<void> {
    constexpr std::size_t count = 2000;
    constexpr StreamLimits limits{.high_water_bytes = 400, .low_water_bytes = 100};
    auto requests = MemoryStream::pair();
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(requests.ours.queue(chain_of(framed(std::to_string(i)))));
    }
    requests.ours.shutdown_write();
    FramedStream source(std::move(requests.theirs), length_prefix());
    auto replies = MemoryStream::pair(limits);
    FramedStream ours(std::move(replies.ours), length_prefix());
    FramedStream theirs(std::move(replies.theirs), length_prefix());
    std::size_t most_queued = 0;
    auto send = [&]() -> Task<void> {
      for (bool ended = false; !ended;) {
        auto batch = co_await source.read_batch();
        ended = batch->empty();
        for (const FrameView frame : *batch) {
          const Result<void> written = co_await ours.write(frame);
          EXPECT_TRUE(written);
          most_queued = std::max(most_queued, ours.stream().queued_bytes());
        }
      }
      ours.stream().shutdown_write();
    };
    std::vector<std::string> frames;
    auto receive = [&]() -> Task<void> { frames = co_await read_all(&theirs); };

    co_await when_all(send(), receive());

    EXPECT_EQ(frames.size(), count);
    for (std::size_t i = 0; i < frames.size(); ++i) EXPECT_EQ(frames[i], std::to_string(i));
    EXPECT_GE(most_queued, limits.high_water_bytes);
    EXPECT_LE(most_queued, limits.high_water_bytes + 8);
  });
}

TEST_P(FramedWriteTest, ACancelledWriteOfABorrowedFrameQueuesNothing) {
  run_net([]() -> Task<void> {
    TcpPair pair = co_await tcp_pair();
    FramedStream ours(std::move(pair.ours), length_prefix());
    const FrameView frame(as_bytes("12345678"));
    std::optional<Result<void>> result;
    auto write = [&]() -> Task<void> {
      const Result<void> written = co_await ours.write(frame);
      result.emplace(written);
    };

    Scope before;
    before.cancel();
    before.spawn(write());
    (void)co_await before.join();
    EXPECT_EQ(std::exchange(result, std::nullopt)->error(), Error::cancelled);
    EXPECT_EQ(ours.stream().queued_bytes(), 0U);

    // More than the kernel takes while the peer does not read.
    const std::string bulk(std::size_t{16} << 20, 'x');
    EXPECT_TRUE(ours.stream().queue(Buffer::copy_of(as_bytes(bulk))));
    Scope waiting;
    waiting.spawn(write());
    for (int turn = 0; turn < 4; ++turn) co_await yield();
    EXPECT_FALSE(result);
    waiting.cancel();
    (void)co_await waiting.join();
    EXPECT_EQ(result->error(), Error::cancelled);
    auto send = [&]() -> Task<void> {
      const Result<void> ended = co_await ours.stream().shutdown_write();
      EXPECT_TRUE(ended);
    };
    std::size_t arrived = 0;
    auto receive = [&]() -> Task<void> {
      for (;;) {
        const Result<Chain> bytes = co_await pair.theirs.read();
        if (!bytes || bytes->empty()) co_return;
        arrived += bytes->size();
      }
    };
    co_await when_all(send(), receive());
    EXPECT_EQ(arrived, bulk.size());
  });
}

TEST_P(FramedWriteTest, ABorrowedFrameIsRefusedForTheSameReasonsAsAnOwnedOne) {
  run_net([]() -> Task<void> {
    TcpPair pair = co_await tcp_pair();
    pair.ours.set_limits({.high_water_bytes = 8, .low_water_bytes = 1});
    FramedStream ours(std::move(pair.ours), length_prefix(12));
    const FrameView small(as_bytes("12345678"));
    const FrameView large(as_bytes("too long for it"));

    const Result<void> too_large = co_await ours.write(large);
    const std::size_t queued_bytes = ours.stream().queued_bytes();
    const Result<void> first = ours.queue(small);
    const Result<void> second = ours.queue(small);
    EXPECT_TRUE(co_await ours.stream().shutdown_write());
    const Result<void> afterwards = ours.queue(small);

    EXPECT_EQ(too_large.error(), Error::frame_too_large);
    EXPECT_EQ(queued_bytes, 0U);
    EXPECT_TRUE(first);
    EXPECT_EQ(second.error(), Error::out_queue_full);
    EXPECT_EQ(afterwards.error(), Error::closed);
  });
}

TEST_P(FramedWriteTest, SmallFramesOfOneTurnAreOnePieceOfMemory) {
  run_net([]() -> Task<void> {
    TcpPair pair = co_await tcp_pair();
    FramedStream ours(std::move(pair.ours), length_prefix());
    FramedStream theirs(std::move(pair.theirs), length_prefix());

    for (int i = 0; i < 16; ++i) {
      EXPECT_TRUE(ours.queue(FrameView(as_bytes("sixteen of these"))));
    }
    const std::size_t pieces = ours.stream().open_queue()->buffer_count();
    EXPECT_TRUE(co_await ours.stream().shutdown_write());

    EXPECT_EQ(pieces, 1U);
    EXPECT_THAT(co_await read_all(&theirs),
                ElementsAreArray(std::vector<std::string>(16, "sixteen of these")));
  });
}

TEST_P(FramedWriteTest, FramesAreInOrderWithWhatIsWrittenToTheStreamItself) {
  run_net([]() -> Task<void> {
    TcpPair pair = co_await tcp_pair();
    FramedStream ours(std::move(pair.ours), line());
    FramedStream theirs(std::move(pair.theirs), line());

    EXPECT_TRUE(ours.queue(FrameView(as_bytes("one"))));
    EXPECT_TRUE(ours.stream().queue("two\n"));
    EXPECT_TRUE(ours.queue(FrameView(as_bytes("three"))));
    EXPECT_TRUE(co_await ours.stream().write("four\n"));
    EXPECT_TRUE(ours.queue(chain_of("five")));
    EXPECT_TRUE(co_await ours.stream().shutdown_write());

    EXPECT_THAT(co_await read_all(&theirs), ElementsAre("one", "two", "three", "four", "five"));
  });
}

TEST_P(FramedWriteTest, QueueRefusesAtTheHighWaterMark) {
  run_net([]() -> Task<void> {
    auto pair = MemoryStream::pair({.high_water_bytes = 8, .low_water_bytes = 1});
    FramedStream ours(std::move(pair.ours), length_prefix());

    EXPECT_TRUE(ours.queue(chain_of("12345678")));
    const Result<void> second = ours.queue(chain_of("more"));

    EXPECT_EQ(second.error(), Error::out_queue_full);
    co_return;
  });
}

TEST_P(FramedWriteTest, AFrameThatTheCodecRefusesIsNotQueued) {
  run_net([]() -> Task<void> {
    auto pair = MemoryStream::pair();
    FramedStream ours(std::move(pair.ours), length_prefix(8));

    Chain frame = chain_of("too long for it");
    const Result<void> written = co_await ours.write(std::move(frame));

    EXPECT_EQ(written.error(), Error::frame_too_large);
    EXPECT_EQ(ours.stream().queued_bytes(), 0U);
  });
}

/// Notices only behind its header that it cannot go on.
struct FailsHalfway {
  using Frame = Chain;

  Result<std::optional<Chain>> decode(Chain& input) { return codec.decode(input); }
  Result<> encode(Chain frame, Chain& output) {
    if (frame != "bad") return codec.encode(std::move(frame), output);
    output.append(chain_of("header"));
    return fail(Error::pool_exhausted);
  }

  Line codec = line();
};

TEST_P(FramedWriteTest, NothingLeavesOfAFrameThatFailsHalfway) {
  run_net([]() -> Task<void> {
    auto pair = UnixStream::pair().value();
    FramedStream ours(std::move(pair.first), FailsHalfway());
    FramedStream theirs(std::move(pair.second), line());

    EXPECT_TRUE(ours.queue(chain_of("before")));
    EXPECT_EQ(ours.queue(chain_of("bad")).error(), Error::pool_exhausted);
    EXPECT_TRUE(ours.queue(chain_of("after")));
    EXPECT_TRUE(co_await ours.stream().shutdown_write());

    EXPECT_THAT(co_await read_all(&theirs), ElementsAre("before", "after"));
  });
}

TEST_P(FramedWriteTest, FramesOfOneTurnLeaveInOneGather) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), length_prefix());
    const std::uint64_t sends_before = Shard::current().stats().sends;

    for (int i = 0; i < 16; ++i) {
      Chain frame = chain_of("sixteen of these");
      EXPECT_TRUE(co_await ours.write(std::move(frame)));
    }
    EXPECT_TRUE(co_await ours.flush());

    EXPECT_EQ(Shard::current().stats().sends - sends_before, 1U);
  });
}

TEST_P(FramedWriteTest, ANamedWriteMayBeAwaitedAgain) {
  run_net([]() -> Task<void> {
    TcpPair pair = co_await tcp_pair();
    FramedStream ours(std::move(pair.ours), length_prefix());
    FramedStream theirs(std::move(pair.theirs), length_prefix());
    const std::string text = "written once";
    const FrameView frame(as_bytes(text));
    auto write = ours.write(frame);
    std::error_code error;
    auto wait = [&]() -> Task<void> {
      const Result<void> written = co_await write;
      if (!written) error = written.error();
    };

    Scope cancelled;
    cancelled.cancel();
    cancelled.spawn(wait());
    (void)co_await cancelled.join();
    const Result<void> written = co_await write;

    EXPECT_EQ(error, Error::cancelled);
    EXPECT_TRUE(written);
    EXPECT_TRUE(co_await ours.stream().shutdown_write());
    EXPECT_THAT(co_await read_all(&theirs), ElementsAre(text));
  });
}

}  // namespace
}  // namespace weir::test
