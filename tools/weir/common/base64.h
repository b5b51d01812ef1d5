// Bytes as text: base64 of RFC 4648 section 4, with padding and without line breaks.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools {

[[nodiscard]] std::string encode_base64(std::span<const std::byte> bytes);

/// `nullopt` if `text` is not exactly what `encode_base64` makes of some bytes: other characters
/// (white space too), a length that 4 does not divide, or padding that hides bits.
[[nodiscard]] std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace weir::tools
