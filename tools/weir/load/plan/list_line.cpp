#include "tools/weir/load/plan/list_line.h"

#include <algorithm>

namespace weir::tools::load {
namespace {

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view space = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  return text.substr(0, text.find_last_not_of(space) + 1);
}

}  // namespace

std::optional<ListLine> split_list_line(std::string_view line) noexcept {
  line = trim(line.substr(0, line.find('#')));
  if (line.empty()) return std::nullopt;
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos) return ListLine{.first = line, .second = std::nullopt};
  return ListLine{.first = trim(line.substr(0, comma)), .second = trim(line.substr(comma + 1))};
}

}  // namespace weir::tools::load
