// What a shard has spent so far, of everything that can be counted without a clock.
#pragma once

#include <cstdint>

namespace weir::gates {

/// Monotonic counts: what lies between two moments is the difference.
struct Balance {
  std::uint64_t system_calls = 0;  ///< of the shard's reactor
  std::uint64_t completions = 0;   ///< CQEs; on epoll the operations that did not end where started
  std::uint64_t allocations = 0;   ///< frames and large blocks of weir's, and operator new
  std::uint64_t copied_bytes = 0;  ///< by memcpy and memmove on this thread, see copy_counter.h
  std::uint64_t segments = 0;      ///< with payload, sent once or again counts once

  /// Of this thread's shard. \param fd  the TCP connection whose segments are counted; -1: none.
  /// What this costs itself is not part of any count.
  [[nodiscard]] static Balance now(int fd) noexcept;
};

[[nodiscard]] Balance operator-(const Balance& later, const Balance& earlier) noexcept;

}  // namespace weir::gates
