// Batches of borrowed frames, and what is left behind one, on each backend.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/framed_net.h"
#include "tests/support/memory_stream.h"

namespace weir::test {
namespace {

using protocols::FrameView;
using protocols::StreamRest;
using ::testing::ElementsAre;

class FramedBatchTest : public NetTest {};
WEIR_ON_EACH_BACKEND(FramedBatchTest);

TEST_P(FramedBatchTest, ABatchHoldsAllThatHasArrived) {
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

TEST_P(FramedBatchTest, ABatchLeftEarlyLeavesTheOthers) {
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

TEST_P(FramedBatchTest, AnUnendedLastLineIsAFrameOfABatchIfTheCodecSaysSo) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), line(StreamRest::is_frame));
    connection.peer.send("ended\nnot ended");
    connection.peer.shutdown_write();

    EXPECT_THAT(co_await read_all_batches(&ours), ElementsAre("ended", "not ended"));
  });
}

TEST_P(FramedBatchTest, ABatchThatNobodyWalkedOverLeavesAllItsFrames) {
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

TEST_P(FramedBatchTest, ALastFrameThatNobodyWalkedOverStays) {
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

TEST_P(FramedBatchTest, NobodyReadsWhileABatchLives) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), line());
    connection.peer.send("one\ntwo\n");

    auto batch = co_await ours.read_batch();
    const Result<std::optional<Chain>> meanwhile = co_await ours.read();

    EXPECT_EQ(meanwhile.error(), Error::busy);
  });
}

}  // namespace
}  // namespace weir::test
