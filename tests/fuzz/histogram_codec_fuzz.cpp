// Properties of the histogram codec: whatever decodes is a sound histogram, and encodes to a text
// that decodes to the same counts.
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "tools/weir/common/base64.h"
#include "tools/weir/load/stats/histogram_codec.h"
#include "weir/base/bytes.h"

namespace histogram_codec_fuzz {
namespace {

using weir::test::require;
namespace load = weir::tools::load;

void check(std::string_view text) {
  const auto histogram = load::decode_histogram(text);
  if (!histogram) {
    require(!load::to_text(histogram.error()).empty());
    return;
  }
  histogram->check_invariants();

  const auto again = load::decode_histogram(load::encode_histogram(*histogram));

  require(again.has_value());
  require(std::ranges::equal(again->counts(), histogram->counts()));
  require(again->range() == histogram->range());
  require(again->min() == histogram->min() && again->max() == histogram->max());
}

/// As an encoder would wrap the payload: spare the fuzzer the search for a checksum.
std::string envelope_of(std::span<const std::byte> payload) {
  uLongf compressed_bytes = ::compressBound(payload.size());
  std::vector<std::byte> envelope(8 + compressed_bytes);
  require(::compress2(reinterpret_cast<Bytef*>(envelope.data() + 8), &compressed_bytes,
                      reinterpret_cast<const Bytef*>(payload.data()), payload.size(),
                      Z_BEST_SPEED) == Z_OK);
  envelope.resize(8 + compressed_bytes);
  weir::store_be<std::uint32_t>(envelope.data(), 0x1c84'9314);
  weir::store_be<std::uint32_t>(envelope.data() + 4, static_cast<std::uint32_t>(compressed_bytes));
  return weir::tools::encode_base64(envelope);
}

}  // namespace

WEIR_FUZZ_TARGET(histogram_codec)(const std::uint8_t* bytes, std::size_t size) {
  const std::span<const std::byte> input = std::as_bytes(std::span(bytes, size));
  check({reinterpret_cast<const char*>(bytes), size});
  check(envelope_of(input));
  if (size < 40) return 0;
  // The same with its own size where the size belongs.
  std::vector<std::byte> payload(input.begin(), input.end());
  weir::store_be<std::uint32_t>(payload.data() + 4, static_cast<std::uint32_t>(size - 40));
  check(envelope_of(payload));
  return 0;
}

}  // namespace histogram_codec_fuzz
