#include "weir/protocols/cobs.h"

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/codec_check.h"
#include "tests/support/home_pool.h"
#include "weir/protocols/deframer.h"

namespace weir::protocols {
namespace {

using test::heap_buffer;
using test::hex;
using test::HomePool;
using test::to_hex;
using test::VectorOptions;

Cobs cobs_from(const VectorOptions& options) {
  return Cobs::create(
             {.payload_bytes_max = options.size("max"),
              .bad_frame = options.has("skip") ? BadFrame::is_skipped : BadFrame::ends_stream})
      .value();
}

constexpr std::string_view cobs_vectors = R"(
CB01 ; max64 ; 03112202 3300 0100 0101 00 ; 11220033 - 00 ; known pairs
CB02 ; max64 ; 00000211 0000 021200 ; 11 12 ; zeros between frames are nothing
CB03 ; max64 skip ; 05112200 024100 ; E:malformed 41 ; a code points behind the end
CB04 ; max64 ; 05112200 024100 ; E:malformed ; which ends the stream unless skipped
CB05 ; max3 ; 0411223300 ; 112233 ; the limit itself
CB06 ; max3 skip ; 051122334400 024100 ; E:too_long 41 ; one more
CB07 ; max3 skip ; 0101010100 01010101 0100 024100 ; 000000 E:too_long 41 ; and of zeros
CB08 ; max3 skip ; 05(11)*40 | (22)*5 00 024100 ; E:too_long 41 ; known before its end
CB09 ; max300 ; ff(11)*254 00 ; (11)*254 ; a full block and nothing behind it
CB10 ; max300 ; ff(11)*254 01 00 ; (11)*254 ; the same with an empty block, as some write it
CB11 ; max300 ; ff(11)*253 00 ; E:malformed ; a full block with a byte missing
CB12 ; max64 ; 0311 $ ; E:trunc ; ends inside
CB13 ; max64 skip ; 0311 00 0411 $ ; E:malformed E:trunc ; the same, after a bad frame
CB14 ; max3 skip ; (05)*40 $ ; E:too_long ; a bad frame without an end is no second error
CB15 ; max0 ; 0100 0211 00 ; - E:too_long ; only empty frames
)";

TEST(Cobs, FindsTheFramesOfEachVectorHoweverTheyAreCut) {
  test::check_vectors(cobs_vectors, cobs_from);
}

TEST(Cobs, DecodesWhatItEncoded) {
  for (const char* const options : {"max10", "max255", "max2000"}) {
    SCOPED_TRACE(options);

    test::check_round_trips([&] { return cobs_from(VectorOptions(options)); },
                            VectorOptions(options).size("max"), test::random_bytes);
  }
}

// The paper's table, and the sizes around a full block.
TEST(Cobs, WritesTheKnownBytes) {
  struct Case {
    const char *payload, *wire;
  };
  for (const auto& c :
       {Case{"", "0100"}, Case{"00", "010100"}, Case{"0000", "01010100"},
        Case{"11220033", "031122023300"}, Case{"11223344", "051122334400"},
        Case{"11000000", "021101010100"}, Case{"(01)*253", "fe(01)*253 00"},
        Case{"(01)*254", "ff(01)*254 00"}, Case{"(01)*255", "ff(01)*254 0201 00"},
        Case{"(01)*254 00", "ff(01)*254 0101 00"}, Case{"00 (01)*254", "01ff(01)*254 00"}}) {
    SCOPED_TRACE(c.payload);
    const std::string payload = hex(c.payload);
    Chain wire;

    const auto encoded = cobs_from(VectorOptions("max1000"))
                             .encode(payload.empty() ? Chain() : Chain(heap_buffer(payload)), wire);

    ASSERT_TRUE(encoded.has_value());
    EXPECT_EQ(to_hex(wire.to_string()), to_hex(hex(c.wire)));
  }
}

TEST(Cobs, AddsNoMoreThanItPromises) {
  for (const std::size_t size : {0u, 1u, 253u, 254u, 255u, 508u, 509u, 2000u}) {
    SCOPED_TRACE(size);
    const std::string payload(size, 'x');
    Chain wire;

    ASSERT_TRUE(cobs_from(VectorOptions("max2000"))
                    .encode(payload.empty() ? Chain() : Chain(heap_buffer(payload)), wire));

    EXPECT_LE(wire.size(), Cobs::stuffed_bytes_max(size) + 1);
    EXPECT_FALSE(wire.to_string().substr(0, wire.size() - 1).contains('\0'));
  }
}

TEST(Cobs, RefusesAPayloadOverItsLimitAndALimitOverTwoGigabytes) {
  Chain wire;

  EXPECT_EQ(cobs_from(VectorOptions("max2")).encode(Chain(heap_buffer("abc")), wire).error(),
            Error::frame_too_large);
  EXPECT_TRUE(wire.empty());
  EXPECT_EQ(Cobs::create({.payload_bytes_max = std::size_t{1} << 40}).error(),
            Error::option_invalid);
}

TEST(Cobs, LosesNothingWhenThePoolIsExhaustedForAWhile) {
  HomePool pool(2);
  Deframer deframer(cobs_from(VectorOptions("max64")));
  Chain inbox(heap_buffer(hex("03112202 3300")));

  Buffer only = pool.slab();
  const auto refused = deframer.next(inbox);
  only = {};
  const auto frame = deframer.next(inbox);

  EXPECT_EQ(refused.error(), Error::pool_exhausted);
  EXPECT_EQ(to_hex(frame.value()->to_string()), "11220033");
}

}  // namespace
}  // namespace weir::protocols
