#include "weir/protocols/deframer.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "tests/support/wire_text.h"
#include "weir/base/allocate.h"
#include "weir/protocols/length_prefix.h"

namespace weir::protocols {
namespace {

using test::heap_buffer;
using test::hex;
using test::HomePool;
using testing::Each;
using testing::ElementsAre;

Deframer<LengthPrefix> deframer(BadFrame bad_frame = BadFrame::ends_stream) {
  return Deframer(
      LengthPrefix::create({.frame_bytes_max = 8, .width_bytes = 1, .bad_frame = bad_frame})
          .value());
}

template <typename Batch>
std::vector<std::string> texts(Batch& batch) {
  std::vector<std::string> texts;
  for (const FrameView frame : batch) texts.push_back(frame.to_string());
  return texts;
}

TEST(Deframer, LendsAllWholeFramesAndLeavesThePartialOne) {
  auto frames = deframer();
  Chain inbox(heap_buffer(hex("0161 00 026263 0564")));

  {
    auto batch = frames.batch(inbox);

    EXPECT_THAT(texts(batch), ElementsAre("a", "", "bc"));
    EXPECT_FALSE(batch.error());
    EXPECT_FALSE(batch.is_full());
    EXPECT_EQ(inbox.size(), 8u);  // until the batch ends
  }
  EXPECT_EQ(inbox, hex("0564"));
  EXPECT_EQ(frames.stream_offset(), 6u);
}

TEST(Deframer, ABatchGoesOnInTheNextBufferWhereAFrameEndsOne) {
  // Long enough to be found by a look; the last of each buffer ends where that ends.
  const std::string frame = std::string("\0\0\0\x0c", 4) + "twelve bytes";
  for (const std::string& rest : {std::string(), std::string("\0\0", 2), frame.substr(0, 9)}) {
    Deframer frames(LengthPrefix::create({.frame_bytes_max = 64}).value());
    Chain inbox(heap_buffer(frame + frame));
    inbox.append(heap_buffer(frame));
    inbox.append(heap_buffer(frame + frame + rest));
    ASSERT_EQ(inbox.buffer_count(), 3u);
    {
      auto batch = frames.batch(inbox);

      EXPECT_THAT(texts(batch), Each("twelve bytes"));
      EXPECT_FALSE(batch.error());
      EXPECT_FALSE(batch.is_full());
    }
    EXPECT_EQ(inbox, rest);
    EXPECT_EQ(frames.stream_offset(), 5 * frame.size());
  }
}

TEST(Deframer, ABatchIsFullOnlyAtItsLimitWhateverIsLeft) {
  const std::string frame = std::string("\0\0\0\x0c", 4) + "twelve bytes";
  for (const std::string& rest : {std::string(), frame.substr(0, 2), frame.substr(0, 9)}) {
    for (const std::size_t limit : {1u, 2u, 3u, 4u}) {
      for (const bool is_walked : {true, false}) {
        SCOPED_TRACE(std::to_string(rest.size()) + ", " + std::to_string(limit));
        Deframer frames(LengthPrefix::create({.frame_bytes_max = 64}).value());
        Chain inbox(heap_buffer(frame + frame + frame + rest));
        std::size_t count = 0;
        {
          auto batch = frames.batch(inbox, limit);
          if (is_walked) {
            count = texts(batch).size();
          } else {
            while (batch.next().value()) ++count;
          }
          EXPECT_EQ(batch.is_full(), limit <= 3);
        }
        EXPECT_EQ(count, std::min<std::size_t>(limit, 3));
        EXPECT_EQ(inbox.size(), (3 - count) * frame.size() + rest.size());
      }
    }
  }
}

TEST(Deframer, StopsABatchAtItsLimitAndGoesOnWithTheNext) {
  auto frames = deframer();
  Chain inbox(heap_buffer(std::string(600, '\0')));

  std::vector<std::size_t> counts;
  while (!inbox.empty()) {
    auto batch = frames.batch(inbox);
    counts.push_back(texts(batch).size());
    EXPECT_EQ(batch.is_full(), counts.back() == 256);
  }

  EXPECT_THAT(counts, ElementsAre(256, 256, 88));
}

// 64 KiB of zeros are 16384 empty frames: whoever drives the stream has 64 occasions to let others
// go on.
TEST(Deframer, GivesAFloodOfEmptyFramesInBatches) {
  Deframer frames(LengthPrefix::create({.frame_bytes_max = 1024}).value());
  Chain inbox(heap_buffer(std::string(65536, '\0')));

  std::size_t count = 0;
  std::size_t batches = 0;
  for (; !inbox.empty(); ++batches) {
    auto batch = frames.batch(inbox);
    const std::size_t found = texts(batch).size();
    EXPECT_LE(found, 256U);
    count += found;
  }

  EXPECT_EQ(count, 16384U);
  EXPECT_EQ(batches, 64U);
}

TEST(Deframer, KeepsFramesThatWereNotTakenFromABatch) {
  auto frames = deframer();
  Chain inbox(heap_buffer(hex("0161 0162")));

  for (const FrameView frame : frames.batch(inbox)) {
    EXPECT_EQ(frame.to_string(), "a");
    break;
  }

  EXPECT_EQ(inbox, hex("0162"));
}

TEST(Deframer, SaysWhereInTheStreamTheBadFrameBegins) {
  auto frames = deframer();
  Chain inbox(heap_buffer(hex("0161 026263 0941")));

  EXPECT_EQ(frames.next(inbox).value()->to_string(), "a");
  EXPECT_EQ(frames.next(inbox).value()->to_string(), "bc");
  const auto bad = frames.next(inbox);

  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error(), Error::frame_too_large);
  EXPECT_EQ(frames.error()->stream_offset, 5u);
  EXPECT_EQ(frames.error()->to_string(),
            "at byte 5 of the stream: the frame is larger than the limit");
}

TEST(Deframer, RepeatsTheErrorThatEndedTheStream) {
  auto frames = deframer();
  Chain inbox(heap_buffer(hex("0161 09")));

  {
    auto batch = frames.batch(inbox);
    EXPECT_THAT(texts(batch), ElementsAre("a"));
    EXPECT_EQ(batch.error(), Error::frame_too_large);
    EXPECT_EQ(batch.next().error(), Error::frame_too_large);
  }
  inbox.append(heap_buffer(hex("0162")));

  EXPECT_TRUE(frames.has_ended());
  EXPECT_EQ(frames.error()->stream_offset, 2u);
  EXPECT_EQ(frames.next(inbox).error(), Error::frame_too_large);
  EXPECT_EQ(frames.batch(inbox).next().error(), Error::frame_too_large);
  EXPECT_EQ(frames.finish(inbox).error(), Error::frame_too_large);
}

TEST(Deframer, GoesOnBehindAFrameThatIsSkipped) {
  auto frames = deframer(BadFrame::is_skipped);
  Chain inbox(heap_buffer(hex("09 (41)*9 0161")));

  const auto bad = frames.next(inbox);
  EXPECT_FALSE(frames.has_ended());
  const auto next = frames.next(inbox);

  EXPECT_EQ(bad.error(), Error::frame_too_large);
  EXPECT_EQ(next.value()->to_string(), "a");
  EXPECT_EQ(frames.error()->stream_offset, 0u);
}

TEST(Deframer, TellsAnEndBetweenFramesFromOneInside) {
  auto between = deframer();
  Chain nothing;
  EXPECT_FALSE(between.finish(nothing).value().has_value());
  EXPECT_FALSE(between.error());

  auto inside = deframer();
  Chain rest(heap_buffer(hex("0161 0561")));
  ASSERT_TRUE(inside.next(rest).value());
  ASSERT_FALSE(inside.next(rest).value());
  const auto end = inside.finish(rest);

  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(inside.error()->to_string(),
            "at byte 2 of the stream: " + make_error_code(Error::end_of_stream).message() +
                "; at least 4 bytes are missing");
}

TEST(Deframer, AllocatesNothingForABatchOrForOwnedFramesInAPool) {
  HomePool pool;
  auto frames = deframer();
  Buffer slab = pool.slab();
  for (std::byte& byte : slab.writable()) byte = std::byte{0};
  Chain inbox(slab.share());
  const auto first = frames.next(inbox).value();  // the pool's first slab for copies
  const std::uint64_t allocations_before = allocation_count();

  std::size_t count = 0;
  while (inbox.size() > 1000) {
    for ([[maybe_unused]] const FrameView frame : frames.batch(inbox)) ++count;
  }
  while (frames.next(inbox).value()) ++count;

  EXPECT_EQ(count, HomePool::slab_bytes - 1);
  EXPECT_EQ(allocation_count(), allocations_before);
}

}  // namespace
}  // namespace weir::protocols
