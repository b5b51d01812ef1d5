#include "weir/protocols/fixed_length.h"

#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/codec_check.h"
#include "tests/support/home_pool.h"
#include "weir/protocols/deframer.h"

namespace weir::protocols {
namespace {

using test::heap_buffer;
using test::VectorOptions;

FixedLength fixed_length_from(const VectorOptions& options) {
  return FixedLength::create(options.size("fixed")).value();
}

constexpr std::string_view fixed_length_vectors = R"(
FX01 ; fixed10 ; (00)*3 | (00)*11 | (00)*16 ; (00)*10 (00)*10 (00)*10 ; cut anywhere
FX02 ; fixed1 ; 616263 ; 61 62 63 ; each byte a frame
FX03 ; fixed4 ; 6162636465 ; 61626364 ~1 ; the next one begins
FX04 ; fixed4 ; 616263 $ ; E:trunc ; ends inside
FX05 ; fixed4 ; 61626364 $ ; 61626364 ; ends between
)";

TEST(FixedLength, FindsTheFramesOfEachVectorHoweverTheyAreCut) {
  test::check_vectors(fixed_length_vectors, fixed_length_from);
}

TEST(FixedLength, DecodesWhatItEncoded) {
  const auto draw = [](std::mt19937_64& random, std::size_t) {
    return test::random_bytes(random, 300);
  };

  test::check_round_trips([] { return FixedLength::create(300).value(); }, 300, draw);
}

TEST(FixedLength, RefusesToSendAnotherSize) {
  const auto codec = FixedLength::create(4).value();
  Chain wire;

  EXPECT_EQ(codec.encode(Chain(heap_buffer("abc")), wire).error(), Error::frame_too_small);
  EXPECT_EQ(codec.encode(Chain(heap_buffer("abcde")), wire).error(), Error::frame_too_large);
  EXPECT_TRUE(wire.empty());
  EXPECT_EQ(FixedLength::create(0).error(), Error::option_invalid);
}

TEST(FixedLength, SaysHowManyBytesAreMissing) {
  Deframer deframer(FixedLength::create(10).value());
  Chain inbox(heap_buffer("abc"));

  ASSERT_FALSE(deframer.finish(inbox).has_value());

  EXPECT_EQ(deframer.error()->missing_bytes, 7u);
}

}  // namespace
}  // namespace weir::protocols
