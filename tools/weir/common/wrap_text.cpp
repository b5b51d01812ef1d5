#include "tools/weir/common/wrap_text.h"

#include <algorithm>

namespace weir::tools {
namespace {

/// Continuation bytes of UTF-8 take no column of their own.
std::size_t columns_of(std::string_view word) noexcept {
  return static_cast<std::size_t>(std::count_if(
      word.begin(), word.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

}  // namespace

std::string wrap_text(std::string_view text, const WrapOptions& options) {
  std::string out;
  std::size_t at = options.start;
  bool at_line_start = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t width = columns_of(word);
    if (!at_line_start && at + 1 + width > options.columns) {
      out += '\n';
      out.append(options.indent, ' ');
      at = options.indent;
      at_line_start = true;
    }
    if (!at_line_start) out += ' ';
    at += width + (at_line_start ? 0 : 1);
    out += word;
    at_line_start = false;
  }
  return out;
}

}  // namespace weir::tools
