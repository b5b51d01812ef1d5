#include "tools/weir/common/setting.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace weir::tools {
namespace {

/// Every flag a hundred times over is less.
constexpr std::size_t file_bytes_max = std::size_t{1} << 20;

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { (void)std::fclose(file); }
};

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = std::min(text.find_first_not_of(blanks), text.size());
  const std::size_t last = text.find_last_not_of(blanks);
  return text.substr(first, last == std::string_view::npos ? 0 : last + 1 - first);
}

/// What follows a value is nothing, or a comment.
bool is_comment(std::string_view rest) noexcept {
  rest = trimmed(rest);
  return rest.empty() || rest.front() == '#';
}

/// \param text  trimmed
Checked<std::string_view> parse_value(std::string_view text) {
  if (text.starts_with('"') || text.starts_with('\'')) {
    const std::size_t end = text.find(text.front(), 1);
    if (end == std::string_view::npos) return usage_error("the quotation mark is not closed");
    if (!is_comment(text.substr(end + 1))) {
      return usage_error("something follows the value in quotes");
    }
    return text.substr(1, end - 1);
  }
  std::size_t end = text.find('#');
  while (end != std::string_view::npos && end > 0 && text[end - 1] != ' ' && text[end - 1] != '\t')
    end = text.find('#', end + 1);
  const std::string_view value = trimmed(text.substr(0, end));
  if (value.empty()) return usage_error("the value is missing");
  return value;
}

Checked<std::optional<Setting>> parse_line(std::string_view line, const std::string& origin) {
  line = trimmed(line);
  if (line.empty() || line.front() == '#') return std::nullopt;
  const std::size_t equals = line.find('=');
  const std::string_view name = trimmed(line.substr(0, equals));
  if (equals == std::string_view::npos || name.empty()) {
    return usage_error(fmt::format("{}: \"{}\" is not NAME = VALUE", origin, line));
  }
  const auto value = parse_value(trimmed(line.substr(equals + 1)));
  if (!value) {
    return usage_error(fmt::format("{}: {}: {}", origin, name, value.error().message));
  }
  return Setting{.name = std::string(name), .value = std::string(*value), .origin = origin};
}

}  // namespace

std::vector<Setting> environment_settings(std::span<const std::string> variables,
                                          std::string_view prefix) {
  std::vector<Setting> settings;
  for (const std::string& variable : variables) {
    const std::size_t equals = variable.find('=');
    if (!variable.starts_with(prefix) || equals == std::string::npos ||
        equals + 1 == variable.size()) {
      continue;
    }
    Setting setting{.name = variable.substr(prefix.size(), equals - prefix.size()),
                    .value = variable.substr(equals + 1),
                    .origin = variable.substr(0, equals)};
    for (char& letter : setting.name) {
      letter = letter == '_' ? '-' : static_cast<char>(std::tolower(static_cast<int>(letter)));
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

Checked<std::vector<Setting>> parse_settings(std::string_view text, std::string_view path) {
  std::vector<Setting> settings;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    auto setting = parse_line(text.substr(0, end), fmt::format("{}:{}", path, number));
    if (!setting) return std::unexpected(setting.error());
    if (*setting) settings.push_back(**std::move(setting));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return settings;
}

Checked<std::vector<Setting>> read_setting_file(const std::string& path) {
  const auto cannot_read = [&path](int error) {
    return usage_error(
        fmt::format("cannot read \"{}\": {}", path, std::generic_category().message(error)));
  };
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return cannot_read(errno);
  std::string text(file_bytes_max + 1, '\0');
  errno = 0;
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return cannot_read(errno);
  if (text.size() > file_bytes_max) {
    return usage_error(fmt::format("\"{}\" is larger than 1 MiB", path));
  }
  return parse_settings(text, path);
}

}  // namespace weir::tools
