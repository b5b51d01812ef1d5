#include "tools/weir/common/count.h"

#include <array>

#include <fmt/format.h>

#include "tools/weir/common/scaled_number.h"

namespace weir::tools {
namespace {

constexpr std::array count_units = {Unit{"", 1}, Unit{"k", 1'000}, Unit{"M", 1'000'000}};

}  // namespace

Checked<std::uint64_t> parse_count(std::string_view text, CountLimits limits) {
  const auto parts = split_scaled_number(text);
  const auto factor = parts ? find_unit(count_units, parts->unit) : std::nullopt;
  const auto count = factor ? whole_product(parts->number, *factor, 1ULL << 53) : std::nullopt;
  if (!count) {
    return usage_error(
        fmt::format("\"{}\" is not a whole number; write one such as 64 or 10k", text));
  }
  if (*count < limits.min || *count > limits.max) {
    return usage_error(fmt::format("{} is out of range ({} to {})", text, format_count(limits.min),
                                   format_count(limits.max)));
  }
  return *count;
}

std::string format_count(std::uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ' ');
  }
  return digits;
}

}  // namespace weir::tools
