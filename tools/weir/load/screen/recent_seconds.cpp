#include "tools/weir/load/screen/recent_seconds.h"

#include <algorithm>
#include <cmath>

#include "tools/weir/common/sparkline.h"

namespace weir::tools::load {
namespace {

using std::chrono::nanoseconds;

unsigned rate_level(double rate, double most) noexcept {
  const double share = most > 0 ? std::clamp(rate / most, 0.0, 1.0) : 0;
  return share > 0 ? static_cast<unsigned>(share * sparkline_levels) : 0;
}

unsigned p99_level(nanoseconds p99, nanoseconds least) noexcept {
  const double ratio = static_cast<double>(p99.count()) / static_cast<double>(least.count());
  return static_cast<unsigned>(std::lround(std::log2(ratio)));
}

}  // namespace

void RecentSeconds::add(double rate, nanoseconds p99) noexcept {
  seconds_[next_] = {.rate = std::isfinite(rate) ? rate : 0, .p99 = p99};
  next_ = (next_ + 1) % seconds_max;
  count_ = std::min(count_ + 1, seconds_max);
}

std::string RecentSeconds::rate_bars(std::size_t cells, TextStyle style) const {
  const std::size_t shown = std::min(cells, count_);
  double most = 0;
  for (std::size_t age = 0; age < shown; ++age) most = std::max(most, second(age).rate);
  std::string bars;
  for (std::size_t age = shown; age-- > 0;) {
    bars += sparkline_cell(rate_level(second(age).rate, most), style);
  }
  return bars;
}

std::string RecentSeconds::p99_bars(std::size_t cells, TextStyle style) const {
  const std::size_t shown = std::min(cells, count_);
  nanoseconds least = nanoseconds::max();
  for (std::size_t age = 0; age < shown; ++age) {
    if (second(age).p99 > nanoseconds::zero()) least = std::min(least, second(age).p99);
  }
  std::string bars;
  for (std::size_t age = shown; age-- > 0;) {
    const nanoseconds p99 = second(age).p99;
    bars += p99 > nanoseconds::zero() ? sparkline_cell(p99_level(p99, least), style) : " ";
  }
  return bars;
}

}  // namespace weir::tools::load
