#include "tools/weir/common/text_style.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <fmt/format.h>

namespace weir::tools {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string_view escape_sequence(Emphasis emphasis) noexcept {
  switch (emphasis) {
    case Emphasis::strong:
      return "\x1b[1m";
    case Emphasis::good:
      return "\x1b[32m";
    case Emphasis::bad:
      return "\x1b[31m";
    case Emphasis::doubtful:
      return "\x1b[33m";
    case Emphasis::faint:
      return "\x1b[2m";
  }
  return {};
}

}  // namespace

TextEnvironment read_text_environment(int fd) {
  TextEnvironment environment{.is_terminal = ::isatty(fd) == 1,
                              .no_color = variable("NO_COLOR"),
                              .term = variable("TERM"),
                              .locale = variable("LC_ALL")};
  for (const char* name : {"LC_CTYPE", "LANG"}) {
    if (environment.locale.empty()) environment.locale = variable(name);
  }
  return environment;
}

TextStyle choose_text_style(const TextEnvironment& environment) noexcept {
  std::string locale = environment.locale;
  std::transform(locale.begin(), locale.end(), locale.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool dumb = environment.term.empty() || environment.term == "dumb";
  return {.color = environment.is_terminal && environment.no_color.empty() && !dumb,
          .utf8 = locale.find("utf-8") != std::string::npos ||
                  locale.find("utf8") != std::string::npos};
}

std::string emphasize(std::string_view text, Emphasis emphasis, TextStyle style) {
  if (!style.color) return std::string(text);
  return fmt::format("{}{}\x1b[0m", escape_sequence(emphasis), text);
}

}  // namespace weir::tools
