// Command lines for a reader to copy: as a shell takes them apart into the same words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir::tools {

/// `text` itself, or in quotes if a shell would see more in it than one word.
[[nodiscard]] std::string shell_word(std::string_view text);

/// `weir bench echo --only '^echo 64B'`
[[nodiscard]] std::string shell_command(std::span<const std::string> words);

}  // namespace weir::tools
