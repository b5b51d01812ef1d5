// Streams that end inside a frame, and bytes that are none, on each backend.
#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/framed_net.h"
#include "tests/support/memory_stream.h"

namespace weir::test {
namespace {

using protocols::BadFrame;
using protocols::FrameView;
using protocols::LengthPrefix;
using protocols::Line;
using protocols::StreamRest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class FramedErrorTest : public NetTest {};
WEIR_ON_EACH_BACKEND(FramedErrorTest);

TEST_P(FramedErrorTest, TheEndInsideAFrameSaysWhoWhereAndHowMuchWasMissing) {
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

TEST_P(FramedErrorTest, ABadFrameIsReportedBehindTheGoodOnesOfItsBatch) {
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

TEST_P(FramedErrorTest, ASkippedFrameIsReportedOnceAndTheNextOnesCome) {
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

TEST_P(FramedErrorTest, AnUnendedLastLineThatIsTooLongIsReportedOnce) {
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

TEST_P(FramedErrorTest, DoesNotContinueAfterAnErrorThatEndsTheStream) {
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

TEST_P(FramedErrorTest, ARefusedWriteIsNotTakenForTheFrameThatCouldNotBeRead) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), length_prefix(16));
    connection.peer.send(framed(std::string(100, 'x')));
    const Result<std::optional<Chain>> bad = co_await ours.read();
    EXPECT_EQ(bad.error(), Error::frame_too_large);

    const Result<void> refused = co_await ours.write(chain_of(std::string(17, 'y')));

    EXPECT_EQ(refused.error(), Error::frame_too_large);
    EXPECT_THAT(ours.explain_write(refused.error()), HasSubstr("127.0.0.1:"));
    EXPECT_THAT(ours.explain_write(refused.error()), HasSubstr("cannot write: "));
    EXPECT_THAT(ours.explain_write(refused.error()), Not(HasSubstr("of the stream")));
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

template <typename S>
Task<void> read_past_a_throw(FramedStream<ThrowsOnce, S>* ours) {
  bool has_thrown = false;
  try {
    const auto batch = co_await ours->read_batch();
  } catch (const std::bad_alloc&) {
    has_thrown = true;
  }

  EXPECT_TRUE(has_thrown);
  EXPECT_THAT(co_await read_all_batches(ours), ElementsAre("one", "two"));
}

TEST_P(FramedErrorTest, ACodecThatThrowsTakesNothing) {
  run_net([]() -> Task<void> {
    auto pair = MemoryStream::pair();
    FramedStream ours(std::move(pair.ours), ThrowsOnce());
    EXPECT_TRUE(pair.theirs.queue(chain_of("one\ntwo\n")));
    pair.theirs.shutdown_write();

    co_await read_past_a_throw(&ours);
  });
}

TEST_P(FramedErrorTest, ACodecThatThrowsWhereBytesAreDeliveredTakesNothing) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), ThrowsOnce());
    Scope scope;
    scope.spawn([](PeerSocket* peer) -> Task<void> {
      co_await yield();  // the read waits
      peer->send("one\ntwo\n");
      peer->shutdown_write();
    }(&connection.peer));

    co_await read_past_a_throw(&ours);
    co_await scope.join();
  });
}

TEST_P(FramedErrorTest, AResetIsTheStreamsError) {
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

}  // namespace
}  // namespace weir::test
