// How long `weir serve work` takes for a request: `fixed:200us` or `exp:200us`, and the draws.
//
// The exponential is -mean * log1p(-u) of our own generator's u: the same seed gives the same times
// with every compiler and standard library, which std::exponential_distribution does not promise.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::serve {

struct ServiceTime {
  enum class Shape : std::uint8_t { fixed, exponential };

  Shape shape = Shape::fixed;
  Duration mean = std::chrono::microseconds(200);
};

/// `fixed:TIME` or `exp:TIME`, 10us to 10s.
[[nodiscard]] Checked<ServiceTime> parse_service_time(std::string_view text);

/// An endless sequence; the same for the same seed.
class ServiceTimeDraws {
 public:
  ServiceTimeDraws(const ServiceTime& time, std::uint64_t seed) noexcept
      : time_(time), state_(seed) {}

  [[nodiscard]] Duration next() noexcept;

 private:
  ServiceTime time_;
  std::uint64_t state_;
};

}  // namespace weir::tools::serve
