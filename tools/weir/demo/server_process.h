// A `weir serve` of our own as a child process, for the time of a measurement.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/weir/common/child_process.h"
#include "weir/core/backend_report.h"
#include "weir/net/address.h"

namespace weir::tools::demo {

/// What a server used up.
struct ServerUsage {
  std::chrono::nanoseconds cpu_time{};
  std::optional<std::uint64_t> system_calls;  ///< from its summary
  std::string words{};                        ///< all that it printed after READY
};

/// Stops its process when destroyed.
class ServerProcess {
 public:
  /// Starts this same program as `serve echo` on a free loopback port and waits until it is ready.
  /// \param cpu  to pin it to; negative: not pinned
  [[nodiscard]] static std::expected<ServerProcess, std::string> start(Backend backend, int cpu);
  /// The same with another service. \param service  "stall", "--every", "1s"
  [[nodiscard]] static std::expected<ServerProcess, std::string> start(
      const std::vector<std::string>& service);

  [[nodiscard]] const Address& address() const noexcept { return address_; }

  /// Drains it, waits for its end and says what it used; an error if it failed.
  [[nodiscard]] std::expected<ServerUsage, std::string> stop();

 private:
  ServerProcess(ChildProcess process, const Address& address)
      : process_(std::move(process)), address_(address) {}

  ChildProcess process_;
  Address address_;
};

}  // namespace weir::tools::demo
