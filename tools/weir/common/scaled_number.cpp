#include "tools/weir/common/scaled_number.h"

#include <charconv>
#include <cmath>

namespace weir::tools {

std::optional<ScaledNumber> split_scaled_number(std::string_view text) noexcept {
  const std::size_t end = text.find_first_not_of("0123456789.");
  const std::string_view digits = text.substr(0, end);
  if (digits.empty() || digits.front() == '.' || digits.back() == '.') return std::nullopt;

  double number = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                             std::chars_format::fixed);
  if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
  return ScaledNumber{number, text.substr(digits.size())};
}

std::optional<std::uint64_t> find_unit(std::span<const Unit> units,
                                       std::string_view name) noexcept {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> whole_product(double number, std::uint64_t factor,
                                           std::uint64_t max) noexcept {
  const double product = number * static_cast<double>(factor);
  if (!(product <= static_cast<double>(max))) return std::nullopt;
  const double whole = std::round(product);
  // 0.3 has no exact binary form, so 0.3k may miss 300 by a few units in the last place.
  if (std::abs(product - whole) > 1e-6) return std::nullopt;
  return static_cast<std::uint64_t>(whole);
}

}  // namespace weir::tools
