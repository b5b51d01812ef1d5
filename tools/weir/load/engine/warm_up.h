// Decides when a run has warmed up: when three windows in a row agree in rate and in median
// latency.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "weir/core/timer_queue.h"

namespace weir::tools::load {

class WarmUp {
 public:
  /// Windows are a twentieth of what is measured afterwards, 50 ms to 1 s.
  [[nodiscard]] static Duration window_for(Duration measured) noexcept;
  /// Who has not become steady by then never will.
  static constexpr std::size_t windows_max = 10;

  /// True if it is over.
  /// \param answered  in the window
  bool add_window(std::uint64_t answered, std::uint64_t p50_ns) noexcept;

 private:
  static constexpr std::size_t windows_wanted = 3;
  struct Window {
    double answered = 0;
    double p50 = 0;
  };

  std::array<Window, windows_wanted> last_{};
  std::size_t windows_ = 0;
};

}  // namespace weir::tools::load
