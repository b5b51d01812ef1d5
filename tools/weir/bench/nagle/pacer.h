// Waits for the time that a blocking sender's next message is due, and knows what of the waiting is
// the instrument's: it spins at the end, which a program would not do.
#pragma once

#include <chrono>
#include <cstdint>

namespace weir::tools::bench {

class Pacer {
 public:
  /// \param due  in nanoseconds of the steady clock; returns at once if it has passed
  void wait_until(std::int64_t due);

  /// Processor time that was spun away: no cost of the messages. That of sleeping is not in it: the
  /// runtime's sender sleeps too, and its count has it as well.
  [[nodiscard]] std::chrono::nanoseconds spun_cpu() const noexcept { return spun_cpu_; }
  /// System calls that slept.
  [[nodiscard]] std::uint64_t sleeps() const noexcept { return sleeps_; }

 private:
  std::chrono::nanoseconds spun_cpu_{};
  std::uint64_t sleeps_ = 0;
};

}  // namespace weir::tools::bench
