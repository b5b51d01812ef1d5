// Two processors for a measurement: one for the server, one for whoever loads it.
#pragma once

#include <vector>

namespace weir::tools {

/// Negative: not pinned.
struct CpuPair {
  int server = -1;
  int client = -1;

  [[nodiscard]] bool is_apart() const noexcept { return client >= 0; }
};

/// All that this process may use, ascending; empty if that could not be read.
[[nodiscard]] std::vector<int> allowed_cpus();

/// The first two that this process may use; neither if there is only one.
[[nodiscard]] CpuPair choose_cpu_pair() noexcept;

/// The calling thread, if `cpu` is not negative; where that is refused it stays where it is.
void pin_thread(int cpu) noexcept;

}  // namespace weir::tools
