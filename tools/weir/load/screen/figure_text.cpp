#include "tools/weir/load/screen/figure_text.h"

#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/count.h"

namespace weir::tools::load {
namespace {

// A double that is larger need not fit a count.
constexpr double exact_max = 1e15;

}  // namespace

std::string count_figure(std::uint64_t count, std::size_t columns) {
  std::string text = format_count(count);
  return text.size() <= columns ? text : fmt::format("{:.2g}", static_cast<double>(count));
}

std::string rate_figure(double per_second, std::size_t columns) {
  if (per_second >= 0 && per_second <= exact_max) {
    std::string text = format_count(static_cast<std::uint64_t>(std::round(per_second))) + "/s";
    if (text.size() <= columns) return text;
  }
  return fmt::format("{:.2g}/s", per_second);
}

std::string share_figure(double share) {
  const double percent = share * 100;
  if (percent >= 0 && percent < 9.95) return fmt::format("{:.1f} %", percent);
  if (percent >= 0 && percent < 1e6) return fmt::format("{:.0f} %", percent);
  return fmt::format("{:.2g} %", percent);
}

}  // namespace weir::tools::load
