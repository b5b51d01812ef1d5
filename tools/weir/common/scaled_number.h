// A decimal number directly followed by a word, `1.5k` or `10ms`: what durations, sizes and counts
// have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir::tools {

struct ScaledNumber {
  double number = 0;
  std::string_view unit;  ///< what follows the digits, as written; may be empty
};

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// Digits, optionally a point and digits, then anything. `nullopt` unless a digit comes first and
/// the number is finite: signs, `inf`, exponents and spaces are not numbers here.
[[nodiscard]] std::optional<ScaledNumber> split_scaled_number(std::string_view text) noexcept;

[[nodiscard]] std::optional<std::uint64_t> find_unit(std::span<const Unit> units,
                                                     std::string_view name) noexcept;

/// number * factor if that is a whole number not above `max`.
[[nodiscard]] std::optional<std::uint64_t> whole_product(double number, std::uint64_t factor,
                                                         std::uint64_t max) noexcept;

}  // namespace weir::tools
