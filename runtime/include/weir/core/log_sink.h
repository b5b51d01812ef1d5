// LogSink: where a run says, in a line each, what somebody should know.
//
// Rare lines: what happens often is counted instead (ShardStats, ServeStats). A library has no
// business with its program's stderr, so without a sink nothing is written. Trivially destructible,
// so that RuntimeOptions are. What is said:
//
//     note      once, at the start of a run: the backend and its features (`summary`)
//     warning   once a run: a connection that Nagle's algorithm slowed down, and the remedy
//               (weir/net/tcp_stream.h, `set_nodelay`)
//
//     options.log = {.write = [](void*, weir::Severity, std::string_view line) noexcept {
//       std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
//     }};
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

enum class Severity : std::uint8_t {
  note,     ///< as it should be
  warning,  ///< works, and could be better: the line says how
};

struct LogSink {
  /// Called on whichever thread has something to say, several at a time: it must be thread-safe,
  /// and quick, for the shard waits meanwhile. `line` has no newline, and lives for the call only.
  using Write = void (*)(void* context, Severity severity, std::string_view line) noexcept;

  Write write = nullptr;    ///< null: lines are dropped
  void* context = nullptr;  ///< handed to `write`; outlives the run

  void operator()(Severity severity, std::string_view line) const noexcept {
    if (write != nullptr) write(context, severity, line);
  }
};

}  // namespace weir
