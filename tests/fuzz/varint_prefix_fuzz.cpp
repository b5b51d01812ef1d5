// Property: see codec_fuzz.h.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "weir/protocols/varint_prefix.h"

namespace varint_prefix_fuzz {

WEIR_FUZZ_TARGET(varint_prefix)(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::protocols;
  weir::test::FuzzInput input(bytes, size);
  const VarintPrefixOptions options{
      .payload_bytes_max = std::size_t{input.byte()} * 3,
      .form = input.flag() ? VarintForm::any : VarintForm::shortest_only,
      .bad_frame = input.flag() ? BadFrame::is_skipped : BadFrame::ends_stream};

  weir::test::fuzz_codec([&] { return VarintPrefix(options); }, input);
  return 0;
}

}  // namespace varint_prefix_fuzz
