// A series of numbers in one line of text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tools/weir/common/text_style.h"

namespace weir::tools {

/// One block a value, its height from 0 to the largest of them; neighbours are averaged when there
/// are more than `columns`. Empty where the letters for it are missing.
[[nodiscard]] std::string draw_sparkline(std::span<const std::uint64_t> values, std::size_t columns,
                                         TextStyle style);

inline constexpr unsigned sparkline_levels = 8;

/// One cell of a series whose scale is the caller's: a block; a digit from 1 where the letters for
/// it are missing.
/// \param level  0 is the lowest; what is too high is drawn as the highest
[[nodiscard]] std::string_view sparkline_cell(unsigned level, TextStyle style) noexcept;

}  // namespace weir::tools
