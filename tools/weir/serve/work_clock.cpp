#include "tools/weir/serve/work_clock.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"

namespace weir::tools::serve {

TimePoint WorkClock::begin(TimePoint arrival, Duration service_time) noexcept {
  WEIR_ASSERT(!serving_);
  serving_ = true;
  if (requests_ == 0) first_arrival_ = due_ = seen_end_ = arrival;
  due_ = std::max(arrival, due_) + service_time;
  service_time_ = service_time;
  seen_begin_ = std::max(arrival, seen_end_);
  return due_;
}

void WorkClock::end(TimePoint now) noexcept {
  WEIR_ASSERT(serving_);
  WEIR_ASSERT(now >= due_);
  serving_ = false;
  ++requests_;
  busy_ += service_time_;
  seen_end_ = now;
  lateness_worst_ = std::max(lateness_worst_, now - due_);

  measured_us_.add(std::chrono::duration<double, std::micro>(now - seen_begin_).count());
}

double WorkClock::drawn_mean_us() const noexcept {
  if (requests_ == 0) return 0;
  return std::chrono::duration<double, std::micro>(busy_).count() / static_cast<double>(requests_);
}

Duration WorkClock::elapsed() const noexcept {
  return requests_ == 0 ? Duration::zero() : due_ - first_arrival_;
}

double WorkClock::utilisation() const noexcept {
  if (elapsed() <= Duration::zero()) return 0;
  return static_cast<double>(busy_.count()) / static_cast<double>(elapsed().count());
}

std::string summary_text(const WorkClock& clock, std::uint64_t queue_longest) {
  const std::chrono::duration<double, std::milli> worst = clock.lateness_worst();
  return fmt::format(
      "{} requests, busy {:.1f} % of {}, longest queue {}, service {:.1f} us on average "
      "(drawn {:.1f}, CV {:.3f}), the latest answer {:.3f} ms late",
      clock.requests(), 100 * clock.utilisation(), format_seconds(clock.elapsed()), queue_longest,
      clock.measured_mean_us(), clock.drawn_mean_us(), clock.measured_cv(), worst.count());
}

}  // namespace weir::tools::serve
