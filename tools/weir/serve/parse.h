// `weir serve`: from argv to raw flags. What the texts mean is for `validate`.
#pragma once

#include <optional>
#include <string>

#include "tools/weir/exec/service_flags.h"
#include "tools/weir/serve/stall_flags.h"
#include "tools/weir/serve/udp_flags.h"
#include "tools/weir/serve/work_flags.h"

namespace CLI {
class App;
}

namespace weir::tools::serve {

struct RawFlags {
  std::optional<std::string> service;
  std::optional<std::string> listen;
  std::optional<std::string> codec;
  std::optional<std::string> per_connection;
  std::optional<std::string> connections;
  std::optional<std::string> idle_timeout;
  std::optional<std::string> shards;
  std::optional<std::string> cpus;
  std::optional<std::string> backend;
  std::optional<std::string> spin;
  exec::RawServiceFlags exec;
  RawStallFlags stall;
  RawWorkFlags work;
  RawUdpFlags udp;
};

/// Adds the sub-command to `program`; parsing it fills `flags`, which must live that long.
CLI::App& add_flags(CLI::App& program, RawFlags& flags);

}  // namespace weir::tools::serve
