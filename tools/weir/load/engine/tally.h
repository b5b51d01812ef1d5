// Where the connections of a shard count: what is measured, and apart from it the warm-up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "tools/weir/load/engine/error_counts.h"
#include "tools/weir/load/engine/interval.h"
#include "tools/weir/load/engine/timed_request.h"

namespace weir::tools::load {

class Tally {
 public:
  Tally() : measured_(std::make_unique<Interval>()), warm_up_(std::make_unique<Interval>()) {}

  /// The interval that counts `request`.
  [[nodiscard]] Interval& of(const TimedRequest& request) noexcept {
    return request.is_measured ? *measured_ : *warm_up_;
  }
  /// The one for what belongs to no request.
  [[nodiscard]] Interval& now() noexcept {
    const bool is_measured = is_measuring && Clock::now() >= measure_from;
    return is_measured ? *measured_ : *warm_up_;
  }

  /// Of the whole run: an error in the warm-up is one, too.
  void add_error(ErrorKind kind, std::string_view example, std::uint64_t n = 1,
                 std::error_code cause = {}) {
    errors.add(kind, example, n, cause);
    now().errors += n;
  }

  void sent(const TimedRequest& request, std::size_t bytes) noexcept {
    Interval& interval = of(request);
    ++interval.requests.sent;
    interval.requests.sent_bytes += bytes;
    ++in_flight;
  }

  /// Wholly and rightly.
  void answered(const TimedRequest& request, TimePoint now, bool has_schedule) noexcept {
    Interval& interval = of(request);
    ++interval.requests.answered;
    interval.last_answer = std::max(interval.last_answer, now);
    interval.latency.service.record(ns_between(request.sent, now));
    if (has_schedule) {
      interval.latency.response.record(ns_between(request.due, now));
      note_lag(interval, request);
    }
    --in_flight;
  }

  /// Its connection ended, or the answer was wrong.
  void failed(const TimedRequest& request) noexcept {
    ++of(request).requests.failed;
    --in_flight;
  }

  /// Unanswered at `now`: it takes at least so long.
  void gave_up(const TimedRequest& request, TimePoint now, bool has_schedule,
               bool is_timeout) noexcept {
    Interval& interval = of(request);
    ++(is_timeout ? interval.requests.timed_out : interval.requests.pending);
    interval.latency.service.record_censored(ns_between(request.sent, now));
    if (has_schedule) {
      interval.latency.response.record_censored(ns_between(request.due, now));
      note_lag(interval, request);
    }
    --in_flight;
  }

  /// Never sent, because no connection was free.
  void never_sent(const TimedRequest& request, TimePoint now, bool is_timeout) {
    Interval& interval = of(request);
    ++(is_timeout ? interval.requests.expired : interval.requests.unsent);
    if (is_timeout) {
      add_error(ErrorKind::timeout, "a request waited for a free connection until its time was up");
    }
    interval.latency.response.record_censored(ns_between(request.due, now));
    interval.latency.connection_wait.record(ns_between(request.due, now));
  }

  /// Dropped because the queue of those that wait was full.
  void crowded_out(const TimedRequest& request, TimePoint now) noexcept {
    Interval& interval = of(request);
    ++interval.requests.dropped;
    interval.latency.response.record_censored(ns_between(request.due, now));
  }

  /// Due, but the run was over before its turn to be offered came: the generator was late.
  void never_offered(const TimedRequest& request, TimePoint now) noexcept {
    Interval& interval = of(request);
    ++interval.requests.offered;
    ++interval.requests.unoffered;
    interval.latency.response.record_censored(ns_between(request.due, now));
    interval.latency.send_lag.record(ns_between(request.due, now));
  }

  /// Gives what was counted since the last time, and goes on with `spare`, which is empty.
  void swap_measured(std::unique_ptr<Interval>& spare) noexcept { measured_.swap(spare); }
  void swap_warm_up(std::unique_ptr<Interval>& spare) noexcept { warm_up_.swap(spare); }

  ErrorCounts errors;
  std::uint64_t in_flight = 0;  ///< requests sent and undecided
  bool is_measuring = false;    ///< from `measure_from` on, which may be a little ahead
  TimePoint measure_from = TimePoint::max();
  bool is_stopping = false;  ///< no new requests

 private:
  [[nodiscard]] static std::uint64_t ns_between(TimePoint from, TimePoint to) noexcept {
    return to > from ? static_cast<std::uint64_t>((to - from).count()) : 0;
  }
  static void note_lag(Interval& interval, const TimedRequest& request) noexcept {
    interval.latency.send_lag.record(ns_between(request.free, request.sent));
    interval.latency.connection_wait.record(ns_between(request.due, request.free));
  }

  std::unique_ptr<Interval> measured_;
  std::unique_ptr<Interval> warm_up_;
};

}  // namespace weir::tools::load
