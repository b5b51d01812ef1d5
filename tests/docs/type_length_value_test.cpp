// The codec that docs/framing.md shows, as the page has it, at every split point.
#include "type_length_value.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/codec_check.h"
#include "tests/support/home_pool.h"

// "07:616263", in the namespace where the type is, so that the recorder of events finds it.
static std::string event_of_frame(const TypeLengthValue::Frame& frame) {
  return weir::test::to_hex(std::string(1, static_cast<char>(frame.type))) + ":" +
         weir::test::to_hex(frame.value.to_string());
}

namespace weir::test {
namespace {

TypeLengthValue from_vector(const VectorOptions& options) {
  return {.value_bytes_max = options.size("max")};
}

constexpr std::string_view vectors = R"(
TV01 ; max1024 ; 07 0003 616263 ; 07:616263 ; one frame
TV02 ; max1024 ; 07 0000 ff 0001 61 08 ; 07: ff:61 ~1 ; an empty value, and the start of a third
TV03 ; max1024 ; 07 00 | 03 61 | 62 63 07 0001 | 64 ; 07:616263 07:64 ; cut in length and value
TV04 ; max3 ; 01 0003 616263 02 0004 ; 01:616263 E:too_long ; the limit itself, and one more
TV05 ; max1024 ; 01 ffff ; E:too_long ; known before any byte of the value
TV06 ; max1024 ; 01 00 $ ; E:trunc ; ends in the header
TV07 ; max1024 ; 01 0002 61 $ ; E:trunc ; ends in the value
TV08 ; max1024 ; 01 0001 61 $ ; 01:61 ; ends between frames
)";

TEST(TypeLengthValue, FindsTheFramesOfEachVectorHoweverTheyAreCut) {
  check_vectors(vectors, from_vector);
}

TEST(TypeLengthValue, DecodesWhatItEncodedHoweverItIsCut) {
  const Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (int round = 0; round < 50; ++round) {
    const auto make = [] { return TypeLengthValue{.value_bytes_max = 70}; };
    Chain wire;
    Events sent;
    for (std::uint64_t frames = random() % 6; frames-- > 0;) {
      const std::string value = random_bytes(random, random() % 71);
      TypeLengthValue::Frame frame(static_cast<std::uint8_t>(random()), cut_chain(random, value));
      sent.push_back(event_of_frame(frame));
      ASSERT_TRUE(make().encode(std::move(frame), wire).has_value());
    }

    const std::string bytes = wire.to_string();

    EXPECT_EQ(joined(events_of(make, {bytes}, /*is_ended=*/true)), joined(sent));
    EXPECT_EQ(first_difference(make, bytes, /*is_ended=*/true).value_or(""), "");
  }
}

TEST(TypeLengthValue, RefusesToEncodeWhatItWouldNotDecodeAndLeavesTheOutputAsItWas) {
  for (const std::size_t value_bytes_max : {std::size_t{3}, std::size_t{1} << 20}) {
    SCOPED_TRACE(value_bytes_max);
    const TypeLengthValue codec{.value_bytes_max = value_bytes_max};
    const std::string value(value_bytes_max == 3 ? 4 : 0x10000, 'x');
    Chain output(heap_buffer("before"));

    const auto encoded = codec.encode({1, Chain(heap_buffer(value))}, output);

    ASSERT_FALSE(encoded.has_value());
    EXPECT_EQ(encoded.error(), Error::frame_too_large);
    EXPECT_EQ(output, std::string_view("before"));
  }
}

}  // namespace
}  // namespace weir::test
