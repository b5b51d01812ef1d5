// Breaking a line at words, so that a report fits a terminal of 80 columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::tools {

struct WrapOptions {
  std::size_t start = 0;     ///< column at which the first line starts
  std::size_t indent = 0;    ///< spaces before each further line
  std::size_t columns = 80;  ///< no line is longer, unless a single word is
};

/// `text` with line ends and indentation instead of some of its spaces; no newline at the end.
[[nodiscard]] std::string wrap_text(std::string_view text, const WrapOptions& options);

}  // namespace weir::tools
