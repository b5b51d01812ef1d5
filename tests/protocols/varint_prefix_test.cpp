#include "weir/protocols/varint_prefix.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/codec_check.h"
#include "tests/support/home_pool.h"

namespace weir::protocols {
namespace {

using test::heap_buffer;
using test::to_hex;
using test::VectorOptions;

VarintPrefix varint_prefix_from(const VectorOptions& options) {
  return VarintPrefix(
      {.payload_bytes_max = options.size("max"),
       .form = options.has("lenient") ? VarintForm::any : VarintForm::shortest_only,
       .bad_frame = options.has("skip") ? BadFrame::is_skipped : BadFrame::ends_stream});
}

constexpr std::string_view varint_prefix_vectors = R"(
VI01 ; max1024 ; 01aa00 ; aa - ; one byte, and an empty frame
VI02 ; max1024 ; ac02(78)*300 ; (78)*300 ; two bytes of length
VI03 ; max1024 ; 80808000 ; E:overlong ; zero in four bytes
VI04 ; max1024 lenient ; 80808000 01aa ; - aa ; the same where it is allowed
VI05 ; max1024 lenient ; 8180808000 aa ; aa ; one in five bytes
VI06 ; max1024 ; ffffffff0f ; E:too_long ; 2^32 - 1
VI07 ; max1024 ; ffffffff1f ; E:overflow ; 33 bits
VI08 ; max1024 ; ffffffffff ; E:overflow ; known at the fifth byte
VI09 ; max1024 ; 8100aa ; E:overlong ; one in two bytes
VI10 ; max1024 lenient ; 8100aa ; aa ; where it is allowed
VI11 ; max1024 lenient ; ffffffffff ; E:overflow ; more than 32 bits never are
VI12 ; max1024 ; 80 $ ; E:trunc ; the length is cut
VI13 ; max3 skip ; 0461616161 0162 ; E:too_long 62 ; goes on behind the bad frame
VI14 ; max3 ; 03616161 04 ; 616161 E:too_long ; the limit itself passes
VI15 ; max128 ; 8001 (61)*128 ; (61)*128 ; the smallest length of two bytes
VI16 ; max20000 ; 808001 (61)*16384 ; (61)*16384 ; the smallest of three
)";

TEST(VarintPrefix, FindsTheFramesOfEachVectorHoweverTheyAreCut) {
  test::check_vectors(varint_prefix_vectors, varint_prefix_from);
}

TEST(VarintPrefix, DecodesWhatItEncoded) {
  for (const char* const options : {"max127", "max600", "max70000"}) {
    SCOPED_TRACE(options);

    test::check_round_trips([&] { return varint_prefix_from(VectorOptions(options)); },
                            VectorOptions(options).size("max"), test::random_bytes);
  }
}

TEST(VarintPrefix, WritesTheShortestLength) {
  struct Case {
    std::size_t payload_bytes;
    const char* length;
  };
  for (const auto& c : {Case{0, "00"}, Case{127, "7f"}, Case{128, "8001"}, Case{300, "ac02"},
                        Case{16383, "ff7f"}, Case{16384, "808001"}, Case{2097152, "80808001"}}) {
    SCOPED_TRACE(c.payload_bytes);
    const std::string payload(c.payload_bytes, 'x');
    Chain wire;
    Chain copied;
    const VarintPrefix codec({.payload_bytes_max = 1u << 30});

    ASSERT_TRUE(codec.encode(payload.empty() ? Chain() : Chain(heap_buffer(payload)), wire));
    ASSERT_TRUE(codec.encode(as_bytes(payload), copied));

    EXPECT_EQ(to_hex(wire.to_string().substr(0, wire.size() - payload.size())), c.length);
    EXPECT_EQ(wire, copied);
  }
}

TEST(VarintPrefix, RefusesToSendMoreThanTheLimit) {
  const VarintPrefix codec({.payload_bytes_max = 2});
  Chain wire;

  EXPECT_EQ(codec.encode(as_bytes("abc"), wire).error(), Error::frame_too_large);
  EXPECT_EQ(codec.encode(Chain(heap_buffer("abc")), wire).error(), Error::frame_too_large);
  EXPECT_TRUE(wire.empty());
}

}  // namespace
}  // namespace weir::protocols
