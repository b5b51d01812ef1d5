// Frames over streams: TCP, Unix and in memory, on each backend.
#include "weir/net/framed_stream.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/memory_stream.h"
#include "tests/support/net_fixture.h"
#include "weir/core/when_all.h"
#include "weir/net/unix_stream.h"
#include "weir/protocols/json_header.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"

namespace weir::test {
namespace {

using protocols::BadFrame;
using protocols::FrameView;
using protocols::LengthPrefix;
using protocols::Line;
using protocols::StreamRest;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

class FramedStreamTest : public NetTest {};
WEIR_ON_EACH_BACKEND(FramedStreamTest);

LengthPrefix length_prefix(std::size_t frame_bytes_max = 1 << 20) {
  return LengthPrefix::create({.frame_bytes_max = frame_bytes_max}).value();
}

Line line(StreamRest rest = StreamRest::is_error) {
  return Line::create({.line_bytes_max = 64, .stream_rest = rest}).value();
}

Chain chain_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }

/// Its length in 4 bytes, big-endian, and the text.
std::string framed(std::string_view text) {
  std::string bytes = {0, 0, static_cast<char>(text.size() >> 8), static_cast<char>(text.size())};
  return bytes.append(text);
}

/// All frames up to the end, each read alone.
template <typename C, typename S>
Task<std::vector<std::string>> read_all(FramedStream<C, S>* framed) {
  std::vector<std::string> frames;
  for (;;) {
    Result<std::optional<Chain>> frame = co_await framed->read();
    EXPECT_TRUE(frame) << framed->explain(frame.error());
    if (!frame || !*frame) co_return frames;
    frames.push_back((*frame)->to_string());
  }
}

/// The same in batches.
template <typename C, typename S>
Task<std::vector<std::string>> read_all_batches(FramedStream<C, S>* framed) {
  std::vector<std::string> frames;
  for (;;) {
    auto batch = co_await framed->read_batch();
    EXPECT_TRUE(batch) << framed->explain(batch.error());
    if (!batch || batch->empty()) co_return frames;
    for (const FrameView frame : *batch) frames.push_back(frame.to_string());
  }
}

TEST_P(FramedStreamTest, ReadsWhatWasWrittenOverTcp) {
  run_net([]() -> Task<void> {
    TcpPair pair = co_await tcp_pair();
    FramedStream ours(std::move(pair.ours), length_prefix());
    FramedStream theirs(std::move(pair.theirs), length_prefix());

    for (const std::string_view text : {"first", "", "third"}) {
      Chain frame = chain_of(text);
      EXPECT_TRUE(co_await ours.write(std::move(frame)));
    }
    EXPECT_TRUE(co_await ours.stream().shutdown_write());

    EXPECT_THAT(co_await read_all(&theirs), ElementsAre("first", "", "third"));
    const Result<std::optional<Chain>> again = co_await theirs.read();
    EXPECT_TRUE(again && !*again);
  });
}

TEST_P(FramedStreamTest, ReadsWhatWasWrittenOverUnixSockets) {
  run_net([]() -> Task<void> {
    auto pair = UnixStream::pair().value();
    FramedStream ours(std::move(pair.first), line());
    FramedStream theirs(std::move(pair.second), line());

    Chain frame = chain_of("a line");
    EXPECT_TRUE(co_await ours.write(std::move(frame)));
    EXPECT_TRUE(co_await ours.flush());
    EXPECT_TRUE(co_await ours.stream().shutdown_write());

    EXPECT_THAT(co_await read_all_batches(&theirs), ElementsAre("a line"));
  });
}

TEST_P(FramedStreamTest, ReadsWhatWasWrittenInMemory) {
  run_net([]() -> Task<void> {
    auto pair = MemoryStream::pair();
    FramedStream ours(std::move(pair.ours), length_prefix());
    FramedStream theirs(std::move(pair.theirs), length_prefix());

    Chain frame = chain_of("nobody saw it");
    EXPECT_TRUE(co_await ours.write(std::move(frame)));
    ours.stream().shutdown_write();

    EXPECT_THAT(co_await read_all(&theirs), ElementsAre("nobody saw it"));
  });
}

TEST_P(FramedStreamTest, FindsTheSameFramesHoweverTheBytesAreCut) {
  run_net([]() -> Task<void> {
    const std::string wire = framed("sticky") + framed("") + framed("packets");
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
      for (const bool in_batches : {false, true}) {
        auto pair = MemoryStream::pair();
        FramedStream theirs(std::move(pair.theirs), length_prefix());
        auto send = [&]() -> Task<void> {
          EXPECT_TRUE(pair.ours.queue(chain_of(wire.substr(0, cut))));
          co_await some_turns(3);
          EXPECT_TRUE(pair.ours.queue(chain_of(wire.substr(cut))));
          pair.ours.shutdown_write();
        };
        auto receive = [&]() -> Task<void> {
          // No conditional operator: GCC 12 destroys what a co_await in one yields twice.
          std::vector<std::string> frames;
          if (in_batches) {
            frames = co_await read_all_batches(&theirs);
          } else {
            frames = co_await read_all(&theirs);
          }
          EXPECT_THAT(frames, ElementsAre("sticky", "", "packets")) << "cut at " << cut;
        };

        co_await when_all(send(), receive());
      }
    }
  });
}

TEST_P(FramedStreamTest, ABatchHoldsAllThatHasArrived) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), line());
    connection.peer.send("one\ntwo\nthree\nfo");

    std::vector<std::string> frames;
    {
      auto batch = co_await ours.read_batch();
      EXPECT_TRUE(batch.has_value());
      for (const FrameView frame : *batch) frames.push_back(frame.to_string());
    }
    connection.peer.send("ur\n");
    const Result<std::optional<Chain>> fourth = co_await ours.read();

    EXPECT_THAT(frames, ElementsAre("one", "two", "three"));
    EXPECT_EQ(**fourth, "four");
  });
}

TEST_P(FramedStreamTest, ABatchLeftEarlyLeavesTheOthers) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), line());
    connection.peer.send("one\ntwo\nthree\n");
    connection.peer.shutdown_write();

    {
      auto batch = co_await ours.read_batch();
      for (const FrameView frame : *batch) {
        EXPECT_EQ(frame, "one");
        break;
      }
    }

    EXPECT_THAT(co_await read_all(&ours), ElementsAre("two", "three"));
  });
}

TEST_P(FramedStreamTest, AnUnendedLastLineIsAFrameOfABatchIfTheCodecSaysSo) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), line(StreamRest::is_frame));
    connection.peer.send("ended\nnot ended");
    connection.peer.shutdown_write();

    EXPECT_THAT(co_await read_all_batches(&ours), ElementsAre("ended", "not ended"));
  });
}

TEST_P(FramedStreamTest, TheEndInsideAFrameSaysWhoWhereAndHowMuchWasMissing) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), length_prefix());
    connection.peer.send(framed("whole") + framed("broken").substr(0, 7));
    connection.peer.shutdown_write();

    const Result<std::optional<Chain>> whole = co_await ours.read();
    const Result<std::optional<Chain>> broken = co_await ours.read();

    EXPECT_TRUE(whole && *whole);
    EXPECT_EQ(broken.error(), Error::end_of_stream);
    EXPECT_EQ(ours.framing_error()->stream_offset, 9U);
    EXPECT_EQ(ours.framing_error()->missing_bytes, 3U);
    EXPECT_THAT(ours.explain(broken.error()), HasSubstr("127.0.0.1:"));
    EXPECT_THAT(ours.explain(broken.error()), HasSubstr("at byte 9 of the stream"));
  });
}

TEST_P(FramedStreamTest, ABadFrameIsReportedBehindTheGoodOnesOfItsBatch) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), length_prefix(16));
    connection.peer.send(framed("good") + framed(std::string(100, 'x')));

    std::vector<std::string> frames;
    {
      auto batch = co_await ours.read_batch();
      for (const FrameView frame : *batch) frames.push_back(frame.to_string());
    }
    const auto bad = co_await ours.read_batch();
    const Result<std::optional<Chain>> again = co_await ours.read();

    EXPECT_THAT(frames, ElementsAre("good"));
    EXPECT_EQ(bad.error(), Error::frame_too_large);
    EXPECT_EQ(again.error(), Error::frame_too_large);
  });
}

TEST_P(FramedStreamTest, ASkippedFrameIsReportedOnceAndTheNextOnesCome) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    const auto codec =
        LengthPrefix::create({.frame_bytes_max = 16, .bad_frame = BadFrame::is_skipped}).value();
    FramedStream ours(std::move(connection.stream), codec);
    connection.peer.send(framed("good") + framed(std::string(100, 'x')) + framed("after"));
    connection.peer.shutdown_write();

    std::vector<std::string> frames;
    int errors = 0;
    for (bool ended = false; !ended;) {
      auto batch = co_await ours.read_batch();
      if (!batch) {
        EXPECT_EQ(batch.error(), Error::frame_too_large);
        EXPECT_TRUE(ours.continues_after(batch.error()));
        ++errors;
        continue;
      }
      ended = batch->empty();
      for (const FrameView frame : *batch) frames.push_back(frame.to_string());
    }

    EXPECT_THAT(frames, ElementsAre("good", "after"));
    EXPECT_EQ(errors, 1);
  });
}

TEST_P(FramedStreamTest, AnUnendedLastLineThatIsTooLongIsReportedOnce) {
  run_net([]() -> Task<void> {
    const auto codec = Line::create({.line_bytes_max = 16,
                                     .stream_rest = StreamRest::is_frame,
                                     .bad_frame = BadFrame::is_skipped})
                           .value();
    for (const std::size_t bytes : {17U, 40U}) {
      auto pair = MemoryStream::pair();
      FramedStream ours(std::move(pair.ours), codec);
      EXPECT_TRUE(pair.theirs.queue(chain_of("good\n" + std::string(bytes, 'x'))));
      pair.theirs.shutdown_write();

      const Result<std::optional<Chain>> good = co_await ours.read();
      const Result<std::optional<Chain>> bad = co_await ours.read();
      const auto end = co_await ours.read_batch();

      EXPECT_EQ(**good, "good");
      EXPECT_EQ(bad.error(), Error::frame_too_large);
      EXPECT_TRUE(ours.continues_after(bad.error()));
      EXPECT_EQ(ours.framing_error()->stream_offset, 5U);
      EXPECT_TRUE(end && end->empty()) << bytes;
    }
  });
}

TEST_P(FramedStreamTest, DoesNotContinueAfterAnErrorThatEndsTheStream) {
  run_net([]() -> Task<void> {
    auto pair = MemoryStream::pair();
    FramedStream ours(std::move(pair.ours), length_prefix());
    EXPECT_TRUE(pair.theirs.queue(chain_of(framed("broken").substr(0, 7))));
    pair.theirs.shutdown_write();

    const Result<std::optional<Chain>> broken = co_await ours.read();

    EXPECT_EQ(broken.error(), Error::end_of_stream);
    EXPECT_FALSE(ours.continues_after(broken.error()));
    EXPECT_FALSE(ours.continues_after(std::make_error_code(std::errc::timed_out)));
  });
}

TEST_P(FramedStreamTest, ABatchThatNobodyWalkedOverLeavesAllItsFrames) {
  run_net([]() -> Task<void> {
    for (const bool in_batches : {false, true}) {
      auto pair = MemoryStream::pair();
      FramedStream ours(std::move(pair.ours), line(StreamRest::is_frame));
      EXPECT_TRUE(pair.theirs.queue(chain_of("one\ntwo\nthree")));
      pair.theirs.shutdown_write();

      std::vector<std::string> frames;
      for (int i = 0; i < 2; ++i) {
        const auto dropped = co_await ours.read_batch();
        EXPECT_TRUE(dropped && !dropped->empty());
      }
      if (in_batches) {
        frames = co_await read_all_batches(&ours);
      } else {
        frames = co_await read_all(&ours);
      }

      EXPECT_THAT(frames, ElementsAre("one", "two", "three"));
    }
  });
}

TEST_P(FramedStreamTest, ALastFrameThatNobodyWalkedOverStays) {
  run_net([]() -> Task<void> {
    auto pair = MemoryStream::pair();
    FramedStream ours(std::move(pair.ours), line(StreamRest::is_frame));
    EXPECT_TRUE(pair.theirs.queue(chain_of("not ended")));
    pair.theirs.shutdown_write();

    for (int i = 0; i < 2; ++i) {
      const auto dropped = co_await ours.read_batch();
      EXPECT_TRUE(dropped && !dropped->empty());
    }

    EXPECT_THAT(co_await read_all_batches(&ours), ElementsAre("not ended"));
  });
}

TEST_P(FramedStreamTest, OthersHaveTheirTurnsBetweenManyFrames) {
  run_net([]() -> Task<void> {
    constexpr std::size_t count = 2000;
    for (const bool in_batches : {false, true}) {
      std::string wire;
      for (std::size_t i = 0; i < count; ++i) wire += "x\n";
      auto pair = MemoryStream::pair();
      FramedStream ours(std::move(pair.ours), line());
      EXPECT_TRUE(pair.theirs.queue(chain_of(wire)));
      pair.theirs.shutdown_write();
      std::vector<std::string> frames;
      std::size_t turns = 0;
      auto read = [&]() -> Task<void> {
        if (in_batches) {
          frames = co_await read_all_batches(&ours);
        } else {
          frames = co_await read_all(&ours);
        }
      };
      auto others = [&]() -> Task<void> {
        while (frames.empty()) {
          co_await yield();
          ++turns;
        }
      };

      co_await when_all(read(), others());

      EXPECT_EQ(frames.size(), count);
      EXPECT_GE(turns, count / 256);
    }
  });
}

/// Refuses to look at the first bytes it is shown.
struct ThrowsOnce {
  using Frame = Chain;

  Result<std::optional<Chain>> decode(Chain& input) { return codec.decode(input); }
  Result<std::optional<FrameView>> decode(protocols::ByteCursor& input) {
    if (input.size() != 0 && !std::exchange(has_thrown, true)) throw std::bad_alloc();
    return codec.decode(input);
  }
  Result<> encode(Chain frame, Chain& output) { return codec.encode(std::move(frame), output); }

  Line codec = line();
  bool has_thrown = false;
};

TEST_P(FramedStreamTest, ACodecThatThrowsTakesNothing) {
  run_net([]() -> Task<void> {
    auto pair = MemoryStream::pair();
    FramedStream ours(std::move(pair.ours), ThrowsOnce());
    EXPECT_TRUE(pair.theirs.queue(chain_of("one\ntwo\n")));
    pair.theirs.shutdown_write();

    bool has_thrown = false;
    try {
      const auto batch = co_await ours.read_batch();
    } catch (const std::bad_alloc&) {
      has_thrown = true;
    }

    EXPECT_TRUE(has_thrown);
    EXPECT_THAT(co_await read_all_batches(&ours), ElementsAre("one", "two"));
  });
}

TEST_P(FramedStreamTest, AReadThatTimesOutLosesNothing) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), length_prefix());
    const std::string wire = framed("in two halves");
    connection.peer.send(wire.substr(0, 6));

    auto reading = [&]() -> Task<Result<std::optional<Chain>>> { co_return co_await ours.read(); };
    const Result<std::optional<Chain>> early =
        co_await with_timeout(std::chrono::milliseconds(5), reading());
    connection.peer.send(wire.substr(6));
    const Result<std::optional<Chain>> late = co_await ours.read();

    EXPECT_EQ(early.error(), std::errc::timed_out);
    EXPECT_EQ(**late, "in two halves");
  });
}

TEST_P(FramedStreamTest, AResetIsTheStreamsError) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), length_prefix());
    connection.peer.send(framed("cut").substr(0, 5));
    connection.peer.reset();

    const Result<std::optional<Chain>> frame = co_await ours.read();

    EXPECT_EQ(frame.error(), std::errc::connection_reset);
    EXPECT_FALSE(ours.framing_error());
  });
}

TEST_P(FramedStreamTest, ASecondReaderIsRefused) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), line());
    std::error_code second_error;
    auto first = [&]() -> Task<void> {
      const Result<std::optional<Chain>> frame = co_await ours.read();
      EXPECT_EQ(**frame, "for the first");
    };
    auto second = [&]() -> Task<void> {
      const Result<std::optional<Chain>> frame = co_await ours.read();
      second_error = frame.error();
      connection.peer.send("for the first\n");
    };

    co_await when_all(first(), second());

    EXPECT_EQ(second_error, Error::busy);
  });
}

TEST_P(FramedStreamTest, NobodyReadsWhileABatchLives) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), line());
    connection.peer.send("one\ntwo\n");

    auto batch = co_await ours.read_batch();
    const Result<std::optional<Chain>> meanwhile = co_await ours.read();

    EXPECT_EQ(meanwhile.error(), Error::busy);
  });
}

TEST_P(FramedStreamTest, WriteWaitsAtTheHighWaterMarkAndLosesNothing) {
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

TEST_P(FramedStreamTest, BorrowedFramesOfEverySizeAreWritten) {
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

TEST_P(FramedStreamTest, AWriteOfABorrowedFrameWaitsAtTheHighWaterMark) {
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

TEST_P(FramedStreamTest, ABorrowedFrameIsRefusedForTheSameReasonsAsAnOwnedOne) {
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

TEST_P(FramedStreamTest, SmallFramesOfOneTurnAreOnePieceOfMemory) {
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

TEST_P(FramedStreamTest, FramesAreInOrderWithWhatIsWrittenToTheStreamItself) {
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

TEST_P(FramedStreamTest, QueueRefusesAtTheHighWaterMark) {
  run_net([]() -> Task<void> {
    auto pair = MemoryStream::pair({.high_water_bytes = 8, .low_water_bytes = 1});
    FramedStream ours(std::move(pair.ours), length_prefix());

    EXPECT_TRUE(ours.queue(chain_of("12345678")));
    const Result<void> second = ours.queue(chain_of("more"));

    EXPECT_EQ(second.error(), Error::out_queue_full);
    co_return;
  });
}

TEST_P(FramedStreamTest, AFrameThatTheCodecRefusesIsNotQueued) {
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

TEST_P(FramedStreamTest, NothingLeavesOfAFrameThatFailsHalfway) {
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

TEST_P(FramedStreamTest, FramesOfOneTurnLeaveInOneGather) {
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

TEST_P(FramedStreamTest, CarriesFramesThatAreNoChains) {
  run_net([]() -> Task<void> {
    auto pair = UnixStream::pair().value();
    const protocols::JsonHeader codec({.header_bytes_max = 1000, .payload_bytes_max = 1000});
    FramedStream ours(std::move(pair.first), codec);
    FramedStream theirs(std::move(pair.second), codec);

    protocols::JsonFrame frame;
    frame.payload = chain_of("the data");
    EXPECT_TRUE(co_await ours.write(std::move(frame)));
    const auto received = co_await theirs.read();

    EXPECT_EQ((*received)->payload, "the data");
  });
}

TEST_P(FramedStreamTest, APartialFrameIsMovedTogetherWhenMemoryIsShort) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = std::size_t{16} * (64 << 10);
  run_net(small, []() -> Task<void> {
    // Each of these would hold a slab of its own in the end, which are not that many.
    constexpr std::size_t connections = 100;
    std::vector<StreamWithPeer> pairs;
    std::vector<FramedStream<LengthPrefix, TcpStream>> streams;
    for (std::size_t i = 0; i < connections; ++i) {
      StreamWithPeer connection = co_await stream_with_peer();
      streams.emplace_back(std::move(connection.stream), length_prefix());
      pairs.push_back(std::move(connection));
    }
    const std::string text(40'000, 'p');
    const std::string wire = framed(text);
    std::size_t whole = 0;
    Scope scope;
    auto read_one = [&](std::size_t i) -> Task<void> {
      const Result<std::optional<Chain>> frame = co_await streams[i].read();
      whole += frame && *frame && **frame == text ? 1 : 0;
    };
    for (std::size_t i = 0; i < connections; ++i) scope.spawn(read_one(i));
    for (StreamWithPeer& pair : pairs) {
      EXPECT_EQ(pair.peer.send(std::string_view(wire).substr(0, 10)), 10U);
      co_await some_turns(2);
    }
    for (StreamWithPeer& pair : pairs) {
      EXPECT_EQ(pair.peer.send(std::string_view(wire).substr(10)), wire.size() - 10);
      co_await some_turns(2);
    }

    co_await scope.join();

    EXPECT_EQ(whole, connections);
  });
}

}  // namespace
}  // namespace weir::test
