#include "tools/weir/load/plan/rate.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "tools/weir/common/scaled_number.h"

namespace weir::tools::load {
namespace {

constexpr std::array multiples = {Unit{"", 1}, Unit{"k", 1'000}, Unit{"M", 1'000'000}};
constexpr std::array times_s = {Unit{"", 1}, Unit{"/s", 1}, Unit{"/m", 60}, Unit{"/h", 3'600}};

std::unexpected<UsageError> unknown_unit(std::string_view text, std::string_view unit) {
  return usage_error(
      fmt::format("\"{}\" has an unknown unit \"{}\"; use k or M for thousands and millions, then "
                  "/s, /m or /h",
                  text, unit));
}

}  // namespace

Checked<double> parse_rate_or_pause(std::string_view text) {
  const auto parts = split_scaled_number(text);
  if (!parts) {
    return usage_error(fmt::format(
        "\"{}\" is not a rate; write requests a second, such as 500, 20k or 1M, or 300/m", text));
  }
  const std::size_t slash = parts->unit.find('/');
  const bool has_time = slash != std::string_view::npos;
  const auto multiple = find_unit(multiples, parts->unit.substr(0, slash));
  const auto time_s = find_unit(times_s, has_time ? parts->unit.substr(slash) : "");
  if (!multiple || !time_s) return unknown_unit(text, parts->unit);

  const double rate = parts->number * static_cast<double>(*multiple) / static_cast<double>(*time_s);
  if (rate > rate_max_per_second) {
    return usage_error(fmt::format("\"{}\" is more than 1000M a second", text));
  }
  if (rate != 0 && rate < rate_min_per_second) {
    return usage_error(fmt::format("\"{}\" is less than 0.001/h", text));
  }
  return rate;
}

Checked<double> parse_rate(std::string_view text) {
  const auto rate = parse_rate_or_pause(text);
  if (rate && *rate == 0) {
    return usage_error(fmt::format("\"{}\" sends nothing; write a rate above 0", text));
  }
  return rate;
}

Checked<RateRange> parse_rate_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    const auto rate = parse_rate(text);
    if (!rate) return std::unexpected(rate.error());
    return RateRange{*rate, *rate};
  }
  const auto first = parse_rate_or_pause(text.substr(0, dots));
  const auto last = parse_rate_or_pause(text.substr(dots + 2));
  for (const auto* end : {&first, &last}) {
    if (*end) continue;
    return usage_error(
        fmt::format("{} (a ramp is two rates, such as 1k..20k)", end->error().message));
  }
  if (*first == 0 && *last == 0) {
    return usage_error(fmt::format("\"{}\" sends nothing; one end must be above 0", text));
  }
  return RateRange{*first, *last};
}

}  // namespace weir::tools::load
