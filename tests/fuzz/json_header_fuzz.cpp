// Properties: see codec_fuzz.h; and a frame that was accepted can be sent as it was.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "weir/protocols/json_header.h"

namespace json_header_fuzz {
namespace {

void send_what_was_accepted(const weir::protocols::JsonHeaderOptions& options,
                            const std::string& stream) {
  weir::protocols::JsonHeader codec(options);
  weir::Chain rest(weir::Buffer::copy_of(weir::as_bytes(stream)));
  auto frame = codec.decode(rest);
  if (!frame || !*frame) return;
  weir::Chain wire;
  weir::test::require(codec.encode(std::move(**frame), wire).has_value());
  weir::test::require(wire == std::string_view(stream).substr(0, stream.size() - rest.size()));
}

}  // namespace

WEIR_FUZZ_TARGET(json_header)(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::protocols;
  weir::test::FuzzInput input(bytes, size);
  const JsonHeaderOptions options{.header_bytes_max = 512,
                                  .payload_bytes_max = std::size_t{input.byte()} * 4,
                                  .nesting_max = 4};
  weir::test::fuzz_codec([&] { return JsonHeader(options); }, input);

  weir::test::without_and_with_pool([&] { send_what_was_accepted(options, input.rest()); });
  return 0;
}

}  // namespace json_header_fuzz
