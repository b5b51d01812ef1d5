// Whether markup is well-formed as far as our own writers can get it wrong: each element is closed
// by its own end, in order, and no text or attribute holds a bare `<` or `&`.
#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools::bench::test {

/// Empty, or what is wrong.
inline std::string fault_of(std::string_view markup) {
  std::vector<std::string> open;
  while (!markup.empty()) {
    const std::size_t begin = markup.find('<');
    const std::string_view text = markup.substr(0, begin);
    for (std::size_t at = text.find('&'); at != text.npos; at = text.find('&', at + 1)) {
      const std::size_t end = text.find(';', at);
      if (end == text.npos || end > at + 6) return "a bare & in: " + std::string(text);
    }
    if (begin == markup.npos) break;
    const std::size_t end = markup.find('>', begin);
    if (end == markup.npos) return "a tag without its end";
    const std::string_view tag = markup.substr(begin + 1, end - begin - 1);
    markup.remove_prefix(end + 1);
    if (tag.find('<') != tag.npos) return "a < inside: " + std::string(tag);
    const std::string_view name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1))
        return "closes nothing: " + std::string(tag);
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.emplace_back(name);
    }
  }
  return open.empty() ? "" : "never closed: " + open.back();
}

}  // namespace weir::tools::bench::test
