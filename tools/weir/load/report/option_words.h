// The words for choices that flags, JSON and reports share.
#pragma once

#include <optional>
#include <string_view>

#include "tools/weir/load/cli/options.h"

namespace weir::tools::load {

/// `sleep`, `hybrid`, `spin`
[[nodiscard]] std::string_view to_text(Pace pace) noexcept;
[[nodiscard]] std::optional<Pace> find_pace(std::string_view word) noexcept;

/// `queue`, `drop`
[[nodiscard]] std::string_view to_text(WhenBehind behind) noexcept;
[[nodiscard]] std::optional<WhenBehind> find_when_behind(std::string_view word) noexcept;

/// `wr`, `wwr`, and without answers `w`, `ww`: as --pattern takes them.
[[nodiscard]] std::string_view pattern_word(WritePattern pattern, Answers answers) noexcept;
[[nodiscard]] std::optional<WritePattern> find_pattern(std::string_view word) noexcept;

}  // namespace weir::tools::load
