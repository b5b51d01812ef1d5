// Properties: see codec_fuzz.h; and what is encoded decodes to the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "weir/protocols/fixed_length.h"

namespace fixed_length_fuzz {
namespace {

void encode_and_decode(const weir::protocols::FixedLength& codec, std::size_t frame_bytes,
                       const std::string& payload) {
  weir::Chain wire;
  weir::Chain frame(weir::Buffer::copy_of(weir::as_bytes(payload)));
  const bool is_encoded = codec.encode(std::move(frame), wire).has_value();
  weir::test::require(is_encoded == (payload.size() == frame_bytes));
  if (is_encoded) {
    const auto decoded = codec.decode(wire);
    weir::test::require(decoded && *decoded && **decoded == std::string_view(payload));
  }
  weir::test::require(wire.empty());
}

}  // namespace

WEIR_FUZZ_TARGET(fixed_length)(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::protocols;
  weir::test::FuzzInput input(bytes, size);
  const std::size_t frame_bytes = std::size_t{input.byte()} * 2;
  const auto codec = FixedLength::create(frame_bytes);
  weir::test::require(codec.has_value() == (frame_bytes != 0));
  if (!codec) return 0;

  weir::test::fuzz_codec([&] { return *codec; }, input);

  weir::test::without_and_with_pool([&] { encode_and_decode(*codec, frame_bytes, input.rest()); });
  return 0;
}

}  // namespace fixed_length_fuzz
