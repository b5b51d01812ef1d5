// The lines of a report: a label, then text that wraps below itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::tools::load {

inline constexpr std::size_t label_columns = 13;

[[nodiscard]] std::string labelled(std::string_view label, const std::string& text);

/// The same from the edge of the screen, with a label of so many columns.
[[nodiscard]] std::string labelled(std::string_view label, const std::string& text,
                                   std::size_t columns);

/// The nearest count, in groups of three digits. Numbers from files may be anything: what is no
/// count becomes the nearest one that is.
[[nodiscard]] std::string format_rounded(double number);

/// `1 error`, `1 234 errors`
[[nodiscard]] std::string plural(std::uint64_t count, std::string_view noun);

}  // namespace weir::tools::load
