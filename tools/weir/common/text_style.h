// How text may look where it goes: colours, and letters beyond ASCII.
#pragma once

#include <string>
#include <string_view>

namespace weir::tools {

/// What the receiver of a text understands. The default suits files and dumb terminals.
struct TextStyle {
  bool color = false;  ///< ANSI escape sequences
  bool utf8 = false;   ///< micro sign and block characters

  bool operator==(const TextStyle&) const = default;
};

/// What decides it, apart so that a test can set it. Unset variables are empty.
struct TextEnvironment {
  bool is_terminal = false;
  std::string no_color{};  ///< NO_COLOR: any value forbids colours (no-color.org)
  std::string term{};      ///< TERM
  std::string locale{};    ///< the first set one of LC_ALL, LC_CTYPE, LANG
};

[[nodiscard]] TextEnvironment read_text_environment(int fd);
[[nodiscard]] TextStyle choose_text_style(const TextEnvironment& environment) noexcept;

enum class Emphasis { strong, good, bad, doubtful, faint };

/// `text` between escape sequences if `style` has colours, else as it is.
[[nodiscard]] std::string emphasize(std::string_view text, Emphasis emphasis, TextStyle style);

}  // namespace weir::tools
