// Property: see codec_fuzz.h; and what was refused as options is never refused as a frame.
#include <bit>
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "weir/protocols/length_prefix.h"

namespace length_prefix_fuzz {

WEIR_FUZZ_TARGET(length_prefix)(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::protocols;
  weir::test::FuzzInput input(bytes, size);
  const LengthPrefixOptions options{
      .frame_bytes_max = std::size_t{input.byte()} * 2,
      .width_bytes = input.byte() % 10u,
      .order = input.flag() ? std::endian::big : std::endian::little,
      .sign = input.flag() ? Sign::is_signed : Sign::is_unsigned,
      .offset_bytes = input.byte() % 8u,
      .adjustment_bytes = static_cast<std::int8_t>(input.byte()),
      .checksum = static_cast<Checksum>(input.byte() % 3),
      .bad_frame = input.flag() ? BadFrame::is_skipped : BadFrame::ends_stream,
      .too_large_report = input.flag() ? TooLargeReport::after_skipping : TooLargeReport::at_once};
  LengthPrefixOptions chosen = options;
  if (const std::uint8_t stripped = input.byte(); stripped % 2 != 0) {
    chosen.stripped_bytes = stripped / 16;
  }
  const auto codec = LengthPrefix::create(chosen);
  if (!codec) return 0;

  weir::test::fuzz_codec([&] { return *codec; }, input);
  return 0;
}

}  // namespace length_prefix_fuzz
