// Somebody who takes part in a case: a program under a name, started, addressed and ended.
//
//     server   prints `READY ADDRESS`, serves until SIGINT
//     source   prints `CONNECTED`, sends when it reads `go`, then prints a line of JSON; ends with
//              its input
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/weir/bench/rounds/metric.h"
#include "tools/weir/common/child_process.h"

namespace weir::tools::bench {

/// What a contender is to the others.
enum class Role : std::uint8_t {
  weir,        ///< what it is all about
  again,       ///< the first weir under another name: how much it differs from itself is noise
  build,       ///< another build of weir (--against)
  raw,         ///< a hand-written loop, held against weir; the better one is the yardstick
  floor,       ///< a hand-written loop that does less than a server must: shown, no yardstick
  library,     ///< a server on another library
  write_each,  ///< such a server that writes each message by itself
};

[[nodiscard]] std::string_view to_text(Role role) noexcept;

struct ContenderSpec {
  std::string name;
  Role role = Role::raw;
  std::string backend{};  ///< "epoll", "io_uring": a weir is held against the raw loop of its own
  std::vector<std::string> command{};
};

/// A contender's process, ended with it.
class RunningContender {
 public:
  /// Waits until it is ready. The error is a sentence without a full stop.
  [[nodiscard]] static std::expected<RunningContender, std::string> start(
      const ContenderSpec& spec);

  RunningContender(RunningContender&&) noexcept = default;
  RunningContender& operator=(RunningContender&&) = delete;
  /// Ends it as it likes to be ended.
  ~RunningContender();

  [[nodiscard]] pid_t pid() const noexcept { return process_.pid(); }
  /// "127.0.0.1:4711"; empty for a source.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  /// One run of a source: the line it prints.
  [[nodiscard]] std::optional<std::string> run(std::chrono::milliseconds patience);

 private:
  RunningContender(ChildProcess process, std::string address)
      : process_(std::move(process)), address_(std::move(address)) {}

  ChildProcess process_;
  std::string address_;
};

}  // namespace weir::tools::bench
