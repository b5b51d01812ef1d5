// Property: see codec_fuzz.h.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "weir/protocols/delimiter.h"

namespace delimiter_fuzz {

WEIR_FUZZ_TARGET(delimiter)(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::protocols;
  weir::test::FuzzInput input(bytes, size);
  DelimiterOptions options{
      .delimiters = std::vector<std::string>(1 + input.byte() % 5),
      .frame_bytes_max = input.byte(),
      .delimiter_bytes = input.flag() ? DelimiterBytes::kept : DelimiterBytes::stripped,
      .stream_rest = input.flag() ? StreamRest::is_frame : StreamRest::is_error,
      .bad_frame = input.flag() ? BadFrame::is_skipped : BadFrame::ends_stream,
      .too_large_report = input.flag() ? TooLargeReport::after_skipping : TooLargeReport::at_once};
  for (std::string& delimiter : options.delimiters) {
    for (std::uint8_t count = input.byte() % 6; count > 0; --count) {
      delimiter += static_cast<char>(input.byte());
    }
  }
  const auto codec = Delimiter::create(options);
  if (!codec) return 0;

  weir::test::fuzz_codec([&] { return *codec; }, input);
  return 0;
}

}  // namespace delimiter_fuzz
