// Properties: see codec_fuzz.h; and what is encoded decodes to the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/fuzz/codec_fuzz.h"
#include "weir/protocols/cobs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::protocols;
  weir::test::FuzzInput input(bytes, size);
  const CobsOptions options{
      .payload_bytes_max = std::size_t{input.byte()} * 3,
      .bad_frame = input.flag() ? BadFrame::is_skipped : BadFrame::ends_stream};

  weir::test::fuzz_codec([&] { return Cobs::create(options).value(); }, input);

  const std::string payload = input.rest();
  auto codec = Cobs::create({.payload_bytes_max = payload.size()}).value();
  weir::Chain wire;
  weir::Chain frame;
  frame.append(weir::Buffer::copy_of(weir::as_bytes(payload)));
  weir::test::require(codec.encode(frame, wire).has_value());
  const auto decoded = codec.decode(wire);
  weir::test::require(decoded && *decoded && **decoded == std::string_view(payload));
  weir::test::require(wire.empty());
  return 0;
}
