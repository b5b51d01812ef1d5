// A series of numbers in one line of text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "tools/weir/common/text_style.h"

namespace weir::tools {

/// One block a value, its height from 0 to the largest of them; neighbours are averaged when there
/// are more than `columns`. Empty where the letters for it are missing.
[[nodiscard]] std::string draw_sparkline(std::span<const std::uint64_t> values, std::size_t columns,
                                         TextStyle style);

}  // namespace weir::tools
