// Property: see codec_fuzz.h.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "weir/protocols/line.h"

namespace line_fuzz {

WEIR_FUZZ_TARGET(line)(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::protocols;
  weir::test::FuzzInput input(bytes, size);
  const LineOptions options{
      .line_bytes_max = input.byte(),
      .line_end = static_cast<LineEnd>(input.byte() % 3),
      .line_end_bytes = input.flag() ? DelimiterBytes::kept : DelimiterBytes::stripped,
      .utf8_check = input.flag() ? Utf8Check::on : Utf8Check::off,
      .stream_rest = input.flag() ? StreamRest::is_frame : StreamRest::is_error,
      .bad_frame = input.flag() ? BadFrame::is_skipped : BadFrame::ends_stream,
      .too_large_report = input.flag() ? TooLargeReport::after_skipping : TooLargeReport::at_once};

  weir::test::fuzz_codec([&] { return Line::create(options).value(); }, input);
  return 0;
}

}  // namespace line_fuzz
