// WorkClock: when the one worker of `weir serve work` begins and ends each request, and what it
// measured.
//
//     due = max(arrival, due of the request before) + service time
//
// That is Lindley's recursion, what queueing theory computes with. Each request is due by the
// clock, not so long after the one before was seen to end: finding out that a service is over and
// sending its answer takes a few microseconds, and if they were added to each service, a server
// meant to be busy for 90 % of the time would be for 91 % and the queue a tenth longer. So a late
// answer is late by itself and shifts nothing after it. No I/O; time comes in.
#pragma once

#include <cstdint>
#include <string>

#include "tools/weir/common/welford.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::serve {

class WorkClock {
 public:
  /// Begins the next request: it arrived at `arrival` and takes `service_time`. \returns when it is
  /// to be answered. Precondition: not `serving()`.
  TimePoint begin(TimePoint arrival, Duration service_time) noexcept;

  /// It was found to be over at `now`, which is not earlier than that. Precondition: `serving()`.
  void end(TimePoint now) noexcept;

  [[nodiscard]] bool serving() const noexcept { return serving_; }
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }

  /// Share of the time from the first arrival to the last end that was service; 0 without one.
  [[nodiscard]] double utilisation() const noexcept;
  [[nodiscard]] Duration elapsed() const noexcept;
  /// How late a request was found to be over, at the worst.
  [[nodiscard]] Duration lateness_worst() const noexcept { return lateness_worst_; }

  /// Of the service times as they were to be. Of 10 000 exponential ones it is within 2 % of what
  /// was asked for in 19 of 20 seeds.
  [[nodiscard]] double drawn_mean_us() const noexcept;

  /// \name Of the service times as measured: from when the worker was seen to be free for the
  /// request to when it was seen to be over.
  /// @{
  [[nodiscard]] double measured_mean_us() const noexcept { return measured_us_.mean(); }
  [[nodiscard]] double measured_cv() const noexcept { return measured_us_.cv(); }
  /// @}

 private:
  bool serving_ = false;
  std::uint64_t requests_ = 0;
  Duration busy_{};
  TimePoint first_arrival_{};
  TimePoint due_{};  ///< of the latest request
  Duration service_time_{};
  TimePoint seen_begin_{};  ///< when the worker was free for it, as far as it could be seen
  TimePoint seen_end_{};
  Duration lateness_worst_{};
  Welford measured_us_;
};

/// `8000 requests, busy 71.2 % of 2.25 s, longest queue 19, service 200.1 us on average (drawn
/// 200.0, CV 0.010), the latest answer 0.032 ms late`
[[nodiscard]] std::string summary_text(const WorkClock& clock, std::uint64_t queue_longest);

}  // namespace weir::tools::serve
