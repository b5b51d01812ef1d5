// What `weir load` was asked to do, checked and typed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "tools/weir/load/cli/target.h"
#include "weir/core/backend_report.h"
#include "weir/core/runtime.h"

namespace weir::tools::load {

enum class ProgressChoice : std::uint8_t {
  automatic,  ///< a line that rewrites itself on a terminal, else `plain`
  plain,      ///< one line a second
  none,
};

/// What is expected of the server of a datagram target.
enum class Answers : std::uint8_t {
  echo,  ///< every datagram comes back
  none,  ///< it is a sink
};

/// Closed loop: every connection keeps `depth` requests of `message_bytes` unanswered and sends the
/// next when one is answered; to a datagram target also when one is lost. With a rate, for datagram
/// targets only, they leave at fixed times whatever comes back.
struct Options {
  Target target;
  std::optional<std::uint64_t>
      rate{};  ///< datagrams a second of all connections; none: closed loop
  std::chrono::nanoseconds lost_after = std::chrono::seconds(1);  ///< datagrams only
  Answers answers = Answers::echo;
  std::uint32_t connections = 8;
  std::uint32_t depth = 1;
  std::size_t message_bytes = 64;
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  /// For connecting, and for the answers still missing when the duration is over.
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  unsigned shards = 1;
  CpuList cpus{};
  Backend backend = Backend::automatic;
  std::optional<std::string> output_path{};  ///< "-" is stdout
  ProgressChoice progress = ProgressChoice::automatic;
};

}  // namespace weir::tools::load
