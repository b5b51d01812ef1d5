// "Did you mean": the known word that a mistyped one most likely stands for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::tools {

/// The closest of `known` by edit distance (insert, delete, replace, swap neighbours), if it is
/// close: a third of the letters wrong, the same first four letters, or a part of it. The first one
/// wins a tie.
[[nodiscard]] std::optional<std::string_view> nearest_match(std::string_view word,
                                                            std::span<const std::string> known);

/// `; did you mean "X"?`, or what is known when nothing is close: `; known are X, Y and Z`.
[[nodiscard]] std::string suggest(std::string_view word, std::span<const std::string> known);

}  // namespace weir::tools
