#include "tools/weir/load/message/request_writer.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "tools/weir/load/message/template_parser.h"

namespace weir::tools::load {
namespace {

using test::HomePool;

constexpr std::size_t slab_bytes = std::size_t{64} << 10;

MessageOptions fixed_size(WireCodec codec, std::size_t bytes) {
  return {.codec = {.wire = codec}, .size = SizeModel::fixed(bytes)};
}

std::string written(const MessageOptions& options, std::uint64_t number) {
  RequestWriter writer(options, /*connection=*/1, /*seed=*/1);
  Chain out;
  (void)writer.append({.number = number}, out);
  return out.to_string();
}

TEST(RequestWriter, SmallRequestsShareABuffer) {
  HomePool pool(/*slabs=*/8, slab_bytes);
  for (const WireCodec codec : {WireCodec::raw, WireCodec::len32, WireCodec::json_header}) {
    const MessageOptions options = fixed_size(codec, 64);
    RequestWriter writer(options, 1, 1);
    Chain out;
    std::string expected;
    for (std::uint64_t i = 0; i < 100; ++i) expected += written(options, i);

    for (std::uint64_t i = 0; i < 100; ++i) (void)writer.append({.number = i}, out);

    EXPECT_EQ(out.buffer_count(), 1U);
    EXPECT_TRUE(out == expected);
  }
}

TEST(RequestWriter, LargeRequestsComeInPieces) {
  HomePool pool(/*slabs=*/64, slab_bytes);
  for (const WireCodec codec : {WireCodec::raw, WireCodec::len32, WireCodec::line}) {
    const MessageOptions options = fixed_size(codec, 1'000'000);
    RequestWriter writer(options, 1, 1);
    Chain out;

    (void)writer.append({.number = 3}, out);

    EXPECT_EQ(writer.wire_bytes(), out.size());
    EXPECT_EQ(out.buffer_count(), 16U);
    for (const Buffer& piece : out) EXPECT_LE(piece.size(), slab_bytes);
  }
}

TEST(RequestWriter, TheBytesDoNotDependOnThePieces) {
  for (const WireCodec codec : {WireCodec::raw, WireCodec::len32, WireCodec::varint,
                                WireCodec::line, WireCodec::json_header}) {
    // A piece ends at each place of the head, the payload and the tail.
    for (std::size_t size = slab_bytes - 40; size <= slab_bytes + 3; ++size) {
      const MessageOptions options = fixed_size(codec, size);
      std::string pooled;
      {
        HomePool pool(/*slabs=*/8, slab_bytes);
        pooled = written(options, 5);
      }

      ASSERT_TRUE(pooled == written(options, 5)) << to_text(codec) << ", size " << size;
    }
  }
}

TEST(RequestWriter, ASpentPoolStopsNobody) {
  HomePool pool(/*slabs=*/2, slab_bytes);
  const Buffer all = pool.slab();
  ASSERT_FALSE(pool->can_acquire());
  for (const WireCodec codec : {WireCodec::raw, WireCodec::len16, WireCodec::line}) {
    const MessageOptions options = fixed_size(codec, 500);
    RequestWriter writer(options, 1, 1);
    Chain out;

    (void)writer.append({.number = 0}, out);
    (void)writer.append({.number = 1}, out);

    EXPECT_TRUE(out == written(options, 0) + written(options, 1));
  }
}

TEST(RequestWriter, CutsBehindTheHeader) {
  struct Row {
    WireCodec codec;
    std::size_t payload_bytes, wire_bytes, cut;
  };
  for (const auto& row : {
           Row{WireCodec::raw, 64, 64, 32},
           Row{WireCodec::raw, 2, 2, 1},
           Row{WireCodec::raw, 1, 1, 0},
           Row{WireCodec::len16, 64, 66, 2},
           Row{WireCodec::len32, 64, 68, 4},
           Row{WireCodec::varint, 200, 202, 2},
           Row{WireCodec::line, 64, 65, 32},
           Row{WireCodec::json_header, 64, 85, 21},
       }) {
    SCOPED_TRACE(std::string(to_text(row.codec)) + ", " + std::to_string(row.payload_bytes));
    const MessageOptions options = fixed_size(row.codec, row.payload_bytes);
    RequestWriter writer(options, 1, 1);
    Chain out;

    (void)writer.append({.number = 0}, out);

    EXPECT_EQ(writer.wire_bytes(), row.wire_bytes);
    EXPECT_EQ(writer.cut(), row.cut);
  }
}

TEST(RequestWriter, AnEmptyPayloadIsAHeaderAlone) {
  MessageOptions options{.codec = {.wire = WireCodec::len32}};
  options.pattern = parse_payload_template("").value();
  RequestWriter writer(options, 1, 1);
  Chain out;

  (void)writer.append({.number = 0}, out);

  EXPECT_TRUE(out == std::string(4, '\0'));
  EXPECT_EQ(writer.cut(), 2U);
}

}  // namespace
}  // namespace weir::tools::load
