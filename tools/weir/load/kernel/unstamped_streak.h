// UnstampedStreak: when answers that come without the kernel's stamps one after the other mean that
// there will never be stamps.
//
// The kernel begins to stamp what it receives when a worker of its own has had its turn after the
// first socket asked for it. On a busy machine twenty answers may be there before; on an idle one a
// pause between two answers says nothing. So both count: answers, and time.
#pragma once

#include <chrono>

#include "weir/core/timer_queue.h"

namespace weir::tools::load {

/// Invariant: count_ == 0 or began_ is when the first of the streak came.
class UnstampedStreak {
 public:
  /// At the probe's usual interval this is a second.
  static constexpr unsigned answers_min = 20;
  /// A worker gets a processor within milliseconds, within tenths of a second where many programs
  /// want one. Short enough for a run of some seconds to tell why it has no samples.
  static constexpr Duration span_min = std::chrono::seconds(2);

  /// An answer came without stamps. \returns  whether to expect none any more
  [[nodiscard]] bool add(TimePoint now) noexcept {
    if (count_ == 0) began_ = now;
    if (count_ < answers_min) ++count_;
    return count_ == answers_min && now - began_ >= span_min;
  }

  /// An answer came with stamps.
  void end() noexcept { count_ = 0; }

 private:
  unsigned count_ = 0;
  TimePoint began_{};
};

}  // namespace weir::tools::load
