// Counts as people write and read them: `64`, `10k`, `1 200 031`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"

namespace weir::tools {

struct CountLimits {
  std::uint64_t min = 1;
  std::uint64_t max = 1;
};

/// Reads a whole number, with k or M for thousands and millions, between the limits.
[[nodiscard]] Checked<std::uint64_t> parse_count(std::string_view text, CountLimits limits);

/// In groups of three digits: `1 200 031`.
[[nodiscard]] std::string format_count(std::uint64_t count);

}  // namespace weir::tools
