#include "tools/weir/common/system_files.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

namespace weir::tools {
namespace {

constexpr std::size_t read_bytes_max = std::size_t{64} << 10;
constexpr std::string_view outer_space = " \t\r\n";

std::string without_outer_space(std::string_view text) {
  const std::size_t first = text.find_first_not_of(outer_space);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(outer_space) - first + 1));
}

}  // namespace

std::optional<std::string> SystemFiles::read(std::string_view path) const {
  std::ifstream file(root_ / path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content(read_bytes_max, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return std::nullopt;
  content.resize(static_cast<std::size_t>(file.gcount()));
  return content;
}

std::optional<std::string> SystemFiles::read_line(std::string_view path) const {
  const auto content = read(path);
  if (!content) return std::nullopt;
  return without_outer_space(std::string_view(*content).substr(0, content->find('\n')));
}

std::optional<std::string> SystemFiles::read_field(std::string_view path,
                                                   std::string_view name) const {
  const auto content = read(path);
  if (!content) return std::nullopt;
  for (std::string_view rest = *content; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || without_outer_space(line.substr(0, colon)) != name)
      continue;
    return without_outer_space(line.substr(colon + 1));
  }
  return std::nullopt;
}

std::vector<std::string> SystemFiles::list(std::string_view path, std::size_t count_max) const {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(root_ / path, error);
  // What ends meanwhile, as a process, ends the list and is no error.
  for (; !error && entry != std::filesystem::directory_iterator() && names.size() < count_max;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  return names;
}

std::optional<std::string> SystemFiles::read_link(std::string_view path) const {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::read_symlink(root_ / path, error);
  if (error) return std::nullopt;
  return target.string();
}

std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace weir::tools
