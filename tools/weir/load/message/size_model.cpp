#include "tools/weir/load/message/size_model.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "weir/base/assert.h"

namespace weir::tools::load {
namespace {

constexpr std::string_view exponential_prefix = "exp:";

Checked<std::size_t> parse_size(std::string_view text, std::size_t max) {
  const auto bytes = parse_byte_size(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes == 0 || *bytes > max) {
    return usage_error(fmt::format("{} is out of range (1 B to {})", text,
                                   format_byte_size(static_cast<double>(max))));
  }
  return static_cast<std::size_t>(*bytes);
}

Checked<SizeModel> parse_exponential(std::string_view text) {
  const auto mean = parse_size(text, payload_bytes_max / SizeModel::means_max);
  if (!mean) {
    return usage_error(fmt::format("{} (the mean of exp: sizes, which go up to {} times of it)",
                                   mean.error().message, SizeModel::means_max));
  }
  return SizeModel::exponential(*mean);
}

Checked<SizeModel> parse_range(std::string_view low, std::string_view high) {
  const auto min = parse_size(low, payload_bytes_max);
  if (!min) return std::unexpected(min.error());
  const auto max = parse_size(high, payload_bytes_max);
  if (!max) return std::unexpected(max.error());
  if (*min > *max) {
    return usage_error(
        fmt::format("{}-{} is empty; write the smaller size first, {}-{}", low, high, high, low));
  }
  return SizeModel::uniform({.min = *min, .max = *max});
}

}  // namespace

SizeModel SizeModel::fixed(std::size_t bytes) noexcept {
  return uniform({.min = bytes, .max = bytes});
}

SizeModel SizeModel::uniform(ByteRange range) noexcept {
  WEIR_ASSERT(range.min >= 1 && range.min <= range.max && range.max <= payload_bytes_max);
  return {range, 0};
}

SizeModel SizeModel::exponential(std::size_t mean) noexcept {
  WEIR_ASSERT(mean >= 1 && mean * means_max <= payload_bytes_max);
  if (mean == 1) return fixed(1);
  // floor(X) of an exponential X with rate r has the mean 1 / (e^r - 1), here mean - 1.
  const double rate = std::log1p(1.0 / static_cast<double>(mean - 1));
  return {{.min = 1, .max = mean * means_max}, 1.0 / rate};
}

std::size_t SizeModel::draw(RequestDraws& draws) const noexcept {
  if (range_.is_single()) return range_.min;
  if (bytes_per_log_ > 0) {
    const double above = std::floor(-std::log(draws.next_fraction()) * bytes_per_log_);
    return std::min(range_.min + static_cast<std::size_t>(above), range_.max);
  }
  return range_.min + draws.next_below(static_cast<std::uint32_t>(range_.max - range_.min + 1));
}

Checked<SizeModel> parse_size_model(std::string_view text) {
  if (text.starts_with(exponential_prefix)) {
    return parse_exponential(text.substr(exponential_prefix.size()));
  }
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    return usage_error(fmt::format(
        "there is no distribution \"{}\"; write a size, a range as 100-1400, or exp:MEAN",
        text.substr(0, colon)));
  }
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos && dash > 0) {
    return parse_range(text.substr(0, dash), text.substr(dash + 1));
  }
  const auto bytes = parse_size(text, payload_bytes_max);
  if (!bytes) return std::unexpected(bytes.error());
  return SizeModel::fixed(*bytes);
}

}  // namespace weir::tools::load
