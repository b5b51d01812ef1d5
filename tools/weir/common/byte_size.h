// Sizes in bytes as people write and read them: `64`, `16k`, `16KiB`, `1.5M`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"

namespace weir::tools {

/// Reads a decimal number and an optional unit. k, M and G (with or without B) are powers of 1000,
/// Ki, Mi and Gi powers of 1024; a bare number is bytes. The result is whole and at most 1 TiB.
[[nodiscard]] Checked<std::uint64_t> parse_byte_size(std::string_view text);

/// `64 B`, `16 KiB`, `7.3 MiB`: powers of 1024, exact where it says no decimal.
[[nodiscard]] std::string format_byte_size(double bytes);

}  // namespace weir::tools
