#include "tools/weir/serve/stall_clock.h"

namespace weir::tools::serve {

StallClock StallClock::starting_at(TimePoint ready, Duration every, Duration length) noexcept {
  return {.every = every, .length = length, .begin = ready + (every - length)};
}

std::optional<TimePoint> StallClock::end_of_stall_at(TimePoint time) const noexcept {
  if (time < begin) return std::nullopt;
  const Duration into_period = (time - begin) % every;
  if (into_period >= length) return std::nullopt;
  return time - into_period + length;
}

std::uint64_t StallClock::stalls_begun_by(TimePoint time) const noexcept {
  if (time < begin) return 0;
  return static_cast<std::uint64_t>((time - begin) / every) + 1;
}

}  // namespace weir::tools::serve
