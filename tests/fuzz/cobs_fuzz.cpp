// Properties: see codec_fuzz.h; and what is encoded decodes to the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "weir/protocols/cobs.h"

namespace cobs_fuzz {
namespace {

void encode_and_decode(const std::string& payload) {
  auto codec = weir::protocols::Cobs::create({.payload_bytes_max = payload.size()}).value();
  const weir::Chain frame(weir::Buffer::copy_of(weir::as_bytes(payload)));
  weir::Chain wire;
  weir::test::require(codec.encode(frame, wire).has_value());
  const auto decoded = codec.decode(wire);
  weir::test::require(decoded && *decoded && **decoded == std::string_view(payload));
  weir::test::require(wire.empty());
}

}  // namespace

WEIR_FUZZ_TARGET(cobs)(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::protocols;
  weir::test::FuzzInput input(bytes, size);
  const CobsOptions options{
      .payload_bytes_max = std::size_t{input.byte()} * 3,
      .bad_frame = input.flag() ? BadFrame::is_skipped : BadFrame::ends_stream};

  weir::test::fuzz_codec([&] { return Cobs::create(options).value(); }, input);

  const std::string payload = input.rest();
  weir::test::without_and_with_pool([&] { encode_and_decode(payload); });
  return 0;
}

}  // namespace cobs_fuzz
