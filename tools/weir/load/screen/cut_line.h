// A line that does not wrap: cut where the terminal ends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::tools::load {

/// As much of `line` as `columns` hold. Colours take no column and all stay, so that one that began
/// also ends. Characters that would move the cursor, and bytes that are no UTF-8,
/// become `?`. Letters that may be two columns wide count as two.
[[nodiscard]] std::string cut_line(std::string_view line, std::size_t columns);

/// How many columns `line` takes, counted as `cut_line` does.
[[nodiscard]] std::size_t columns_taken(std::string_view line) noexcept;

}  // namespace weir::tools::load
