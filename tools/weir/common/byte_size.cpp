#include "tools/weir/common/byte_size.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/scaled_number.h"

namespace weir::tools {
namespace {

constexpr std::uint64_t kibi = 1024;
constexpr std::array byte_units = {
    Unit{"", 1},
    Unit{"B", 1},
    Unit{"k", 1'000},
    Unit{"K", 1'000},
    Unit{"kB", 1'000},
    Unit{"KB", 1'000},
    Unit{"M", 1'000'000},
    Unit{"MB", 1'000'000},
    Unit{"G", 1'000'000'000},
    Unit{"GB", 1'000'000'000},
    Unit{"Ki", kibi},
    Unit{"KiB", kibi},
    Unit{"Mi", kibi* kibi},
    Unit{"MiB", kibi* kibi},
    Unit{"Gi", kibi* kibi* kibi},
    Unit{"GiB", kibi* kibi* kibi},
};
constexpr std::uint64_t size_max = kibi * kibi * kibi * kibi;

}  // namespace

Checked<std::uint64_t> parse_byte_size(std::string_view text) {
  const auto parts = split_scaled_number(text);
  if (!parts) {
    return usage_error(fmt::format(
        "\"{}\" is not a size; write a number of bytes, such as 64, 16k or 1MiB", text));
  }
  const auto factor = find_unit(byte_units, parts->unit);
  if (!factor) {
    return usage_error(
        fmt::format("\"{}\" has an unknown unit \"{}\"; use k, M, G (powers of "
                    "1000) or KiB, MiB, GiB (powers of 1024)",
                    text, parts->unit));
  }
  if (parts->number * static_cast<double>(*factor) > static_cast<double>(size_max)) {
    return usage_error(fmt::format("\"{}\" is more than 1 TiB", text));
  }
  const auto bytes = whole_product(parts->number, *factor, size_max);
  if (!bytes) return usage_error(fmt::format("\"{}\" is not a whole number of bytes", text));
  return *bytes;
}

std::string format_byte_size(double bytes) {
  constexpr std::array names = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t scale = 0;
  while (std::round(bytes) >= 1024 && scale + 1 < names.size()) {
    bytes /= 1024;
    ++scale;
  }
  const bool whole = std::abs(bytes - std::round(bytes)) < 1e-9;
  if (whole || bytes >= 99.95) return fmt::format("{:.0f} {}", bytes, names[scale]);
  return fmt::format("{:.1f} {}", bytes, names[scale]);
}

}  // namespace weir::tools
