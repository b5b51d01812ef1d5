// A fixed exchange between a server on the runtime and a peer that goes in lockstep with it: the
// peer sends a round of requests in one system call, while the server sleeps, and waits for all of
// the answers. No count then depends on who was faster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "bench/gates/balance.h"
#include "weir/base/result.h"
#include "weir/core/backend_report.h"
#include "weir/core/task.h"

namespace weir::gates {

class Course;

struct Scenario {
  std::string_view name;
  std::size_t request_bytes;         ///< on the wire
  std::uint64_t requests_per_round;  ///< sent together
  bool counts_segments;              ///< of one TCP connection that all answers leave by

  /// Binds, calls `Course::begin_asking`, serves until the runtime drains.
  Task<Result<void>> (*serve)(Course* course);
  /// Asks all the rounds, on a thread of its own.
  Result<void> (*ask)(Course& course);

  [[nodiscard]] constexpr std::size_t round_bytes() const noexcept {
    return request_bytes * requests_per_round;
  }
};

/// Over TCP: echoes raw and framed, many connections at once, connections that come and go.
[[nodiscard]] std::span<const Scenario> stream_scenarios() noexcept;
/// Over UDP: trains, and datagrams one at a time.
[[nodiscard]] std::span<const Scenario> datagram_scenarios() noexcept;

/// What there is of `backend` in this process, which asks the kernel once and keeps the answer.
/// `Error::backend_unavailable` if there is nothing.
[[nodiscard]] Result<BackendReport> probe(Backend backend);

/// Runs `scenario` once. EPROTO if its rounds did not come one after the other.
[[nodiscard]] Result<Balance> run_scenario(const Scenario& scenario, Backend backend);

}  // namespace weir::gates
