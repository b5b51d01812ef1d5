// Framings by name, as `weir` takes them on its command line: docs/framing.md says what each is.
#pragma once

#include <cstdint>
#include <string_view>

#include "tools/weir/common/usage_error.h"

namespace weir::tools {

enum class WireCodec : std::uint8_t {
  raw,          ///< no framing: bytes as they come
  len16,        ///< length in 2 bytes, big-endian
  len32,        ///< length in 4 bytes, big-endian
  varint,       ///< length as LEB128
  line,         ///< lines that end with LF
  json_header,  ///< 4-byte little-endian length, JSON object with data_size, payload
};

/// `raw`, `len16`, `len32`, `varint`, `line` or `json-header`.
[[nodiscard]] std::string_view to_text(WireCodec codec) noexcept;
[[nodiscard]] Checked<WireCodec> parse_wire_codec(std::string_view text);

}  // namespace weir::tools
