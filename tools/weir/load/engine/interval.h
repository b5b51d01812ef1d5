// What a shard counted since it was last asked.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tools/weir/load/engine/connection_counts.h"
#include "tools/weir/load/engine/latency_set.h"
#include "tools/weir/load/engine/request_counts.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::load {

struct Interval {
  RequestCounts requests;
  ConnectionCounts connections;  ///< opened, retired, broken: the others are the report's
  std::uint64_t errors = 0;
  TimePoint last_answer{};
  LatencySet latency;

  void merge(const Interval& other) noexcept {
    requests.merge(other.requests);
    connections.merge(other.connections);
    errors += other.errors;
    last_answer = std::max(last_answer, other.last_answer);
    latency.merge(other.latency);
  }
  void reset() noexcept {
    requests = {};
    connections = {};
    errors = 0;
    last_answer = {};
    latency.reset();
  }
};

}  // namespace weir::tools::load
