// Which of two ways to do the same work takes less processor time: tried out on the work itself,
// because it depends on the processor, the hypervisor, the hour and the load.
//
//     warm-up    the usual way
//     pair       two stretches, one a way, in random order. The logarithm of the ratio of what a
//                piece of work cost in them is one observation
//     settled    the way that the observations are for, until the next pair; pairs become rare
//                while they agree
//
// The other way is taken only while it is shown to be cheaper. Observations fade, so that a change
// of the machine or of the load is followed. docs/design/0008-what-the-loop-tries-out.md
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weir::reactor {

class Trial {
 public:
  enum class Way : std::uint8_t { usual, other };

  struct Plan {
    std::size_t warm_up;  ///< in whatever is counted
    std::size_t stretch;  ///< on average: half of it to one and a half
    std::uint64_t seed;   ///< of order and lengths, lest two trials on one load keep step
  };

  /// All that the thread has done so far. What counts as work must not depend on the way: bytes do
  /// not, the portions in which they are handled do.
  struct Total {
    std::chrono::nanoseconds cpu;
    std::uint64_t work;
  };

  /// Stretches between two pairs: as few after an observation that speaks against the choice, and
  /// twice as many each time that one is for it.
  static constexpr unsigned settled_min = 30;
  static constexpr unsigned settled_max = 240;

  constexpr explicit Trial(const Plan& plan) noexcept
      : plan_(plan), left_(plan.warm_up), random_(plan.seed) {}

  [[nodiscard]] bool is_other() const noexcept { return way_ == Way::other; }

  void count() noexcept {
    if (left_ > 0) --left_;
  }
  /// True when a stretch is over: time for `end_stretch`, when all that was begun in it is done.
  [[nodiscard]] bool is_due() const noexcept { return left_ == 0; }
  void end_stretch(const Total& total) noexcept;

  /// The processor time of this thread. A system call.
  [[nodiscard]] static std::chrono::nanoseconds thread_cpu() noexcept;

 private:
  enum class Phase : std::uint8_t { warm_up, first, second, settled };

  void begin(Phase phase, Way way) noexcept;
  void begin_pair() noexcept;
  void end_pair(double cost) noexcept;
  void observe(double log_ratio) noexcept;
  [[nodiscard]] double standard_error() const noexcept;
  [[nodiscard]] Way choose() const noexcept;
  [[nodiscard]] bool is_clear() const noexcept;
  [[nodiscard]] std::uint64_t next_random() noexcept;

  const Plan plan_;
  std::size_t left_;
  std::uint64_t random_;
  Way way_ = Way::usual;
  Way preferred_ = Way::usual;
  Phase phase_ = Phase::warm_up;
  unsigned settled_ = settled_min;
  unsigned settled_left_ = 0;
  unsigned pairs_ = 0;
  Total began_{};  ///< when the stretch began
  double first_cost_ =
      0;               ///< of a piece of work in the first stretch of the pair; 0: there was none
  double weight_ = 0;  ///< observations that count
  double mean_ = 0;    ///< of log(other / usual)
  double variance_ = 0;
};

}  // namespace weir::reactor
