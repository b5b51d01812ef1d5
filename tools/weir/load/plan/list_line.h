// One line of a shape or trace file, `a,b  # comment`: what is meant for the program, in its parts.
#pragma once

#include <optional>
#include <string_view>

namespace weir::tools::load {

/// Borrowed from the line.
struct ListLine {
  std::string_view first;                  ///< before the first comma
  std::optional<std::string_view> second;  ///< all that follows it; `nullopt` without a comma
};

/// Cuts what follows a # and the spaces around each part, with the CR of files from elsewhere.
/// \returns  `nullopt` if nothing is left
[[nodiscard]] std::optional<ListLine> split_list_line(std::string_view line) noexcept;

}  // namespace weir::tools::load
