#include "tools/weir/load/message/load_codec.h"

#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"

namespace weir::tools::load {

std::string to_text(const LoadCodec& codec) {
  if (!codec.answer_bytes) return std::string(to_text(codec.wire));
  return fmt::format("{}:{}", to_text(codec.wire), *codec.answer_bytes);
}

Checked<LoadCodec> parse_load_codec(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto wire = parse_wire_codec(text.substr(0, colon));
  if (!wire) return std::unexpected(wire.error());
  if (colon == std::string_view::npos) return LoadCodec{.wire = *wire};
  if (*wire != WireCodec::raw) {
    return usage_error(fmt::format("{0} takes no size, its frames say how long they are; write {0}",
                                   to_text(*wire)));
  }
  const std::string_view size = text.substr(colon + 1);
  const auto bytes = parse_byte_size(size);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes == 0 || *bytes > payload_bytes_max) {
    return usage_error(fmt::format("raw:{} is out of range: answers have 1 B to {}", size,
                                   format_byte_size(static_cast<double>(payload_bytes_max))));
  }
  return LoadCodec{.wire = *wire, .answer_bytes = static_cast<std::size_t>(*bytes)};
}

ByteRange payload_range(const LoadCodec& codec) noexcept {
  switch (codec.wire) {
    case WireCodec::raw:
      return {.min = 1, .max = payload_bytes_max};
    case WireCodec::len16:
      return {.min = 0, .max = std::numeric_limits<std::uint16_t>::max()};
    case WireCodec::len32:
    case WireCodec::varint:
    case WireCodec::line:
    case WireCodec::json_header:
      break;
  }
  return {.min = 0, .max = payload_bytes_max};
}

}  // namespace weir::tools::load
