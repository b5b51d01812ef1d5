// Bounds how many connections of a shard are being made at a time, and at what rate.
#pragma once

#include "weir/base/result.h"
#include "weir/core/semaphore.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::load {

class ConnectGate {
 public:
  /// \param per_second  0: as fast as they are made
  explicit ConnectGate(double per_second) noexcept;

  /// Waits for a place and, with a rate, for its turn. After it has succeeded: `leave`.
  [[nodiscard]] Task<Result<void>> enter();
  void leave() noexcept { places_.release(); }

 private:
  Semaphore places_;
  Duration gap_{};
  TimePoint next_{};
};

}  // namespace weir::tools::load
