// Lets a peer make many connections readable at once, and know when one has begun or ended.
//
//     peer    knock ......... all others send ......... release, read all answers
//     shard   (asleep) hold: stopped in the middle of a turn | next poll finds them all
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <semaphore>

#include "weir/base/result.h"

namespace weir::gates {

class Crowd {
 public:
  static constexpr std::size_t connections_max = 1024;

  /// \name The shard's.
  /// @{
  /// A connection has begun. \returns how many had before it
  std::size_t begin(int fd) noexcept;
  void end() noexcept { ended_.fetch_add(1, std::memory_order_release); }
  /// Stops this thread, and so the shard, until `release`.
  void hold() noexcept;
  /// @}

  /// \name The peer's. ETIMEDOUT where the shard does not do its part.
  /// @{
  [[nodiscard]] Result<void> wait_for_begun(std::size_t count) const;
  [[nodiscard]] Result<void> wait_for_ended(std::size_t count) const;
  [[nodiscard]] Result<void> wait_for_hold();
  /// Until so many bytes lie in the shard's socket of the connection that began as `index`.
  [[nodiscard]] Result<void> wait_for_bytes(std::size_t index, std::size_t bytes) const;
  void release() noexcept { released_.release(); }
  /// @}

 private:
  // The descriptor is stored before the count that makes it known.
  std::array<int, connections_max> fds_{};
  std::atomic<std::size_t> begun_ = 0;
  std::atomic<std::size_t> ended_ = 0;
  std::binary_semaphore held_{0};
  std::binary_semaphore released_{0};
};

}  // namespace weir::gates
