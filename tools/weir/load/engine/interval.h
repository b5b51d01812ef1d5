// What a shard counted since it was last asked.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tools/weir/load/stats/histogram.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::load {

struct Interval {
  std::uint64_t sent = 0;      ///< requests
  std::uint64_t answered = 0;  ///< of them, completely and rightly
  std::uint64_t errors = 0;
  std::uint64_t lost = 0;  ///< datagrams only
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  TimePoint last_answer{};
  Histogram latency;

  void merge(const Interval& other) noexcept {
    sent += other.sent;
    answered += other.answered;
    errors += other.errors;
    lost += other.lost;
    sent_bytes += other.sent_bytes;
    received_bytes += other.received_bytes;
    last_answer = std::max(last_answer, other.last_answer);
    latency.merge(other.latency);
  }
};

}  // namespace weir::tools::load
