// The relay of a far path while one cell runs over it: what it delays, and how well it kept to
// time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "examples/delay_relay/emulated_path.h"
#include "examples/delay_relay/relay_thread.h"
#include "tools/weir/bench/nagle/cell.h"

namespace weir::tools::bench {

class PathRelay {
 public:
  /// Relays once it returns. `path` outlives it, and has no other relay meanwhile.
  [[nodiscard]] static delay_relay::OrProblem<PathRelay> start(
      const delay_relay::EmulatedPath& path, std::chrono::nanoseconds rtt);

  /// Ends it. Once. \returns  what it did, or why it had ended by itself
  [[nodiscard]] delay_relay::OrProblem<RelayRecord> stop();

 private:
  PathRelay(std::unique_ptr<delay_relay::RelayThread> thread, std::uint64_t unread_before) noexcept
      : thread_(std::move(thread)), unread_before_(unread_before) {}

  std::unique_ptr<delay_relay::RelayThread> thread_;
  std::uint64_t unread_before_;  ///< packets that its devices had dropped by then
};

}  // namespace weir::tools::bench
