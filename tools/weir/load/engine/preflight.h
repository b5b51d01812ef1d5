// What the system lets a run have, checked before anything is sent: descriptors and local ports.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/weir/load/cli/options.h"

namespace weir::tools::load {

struct SystemRoom {
  std::uint64_t descriptors = 0;  ///< the hard limit: RLIMIT_NOFILE
  std::uint64_t local_ports = 0;  ///< net.ipv4.ip_local_port_range, for one address and one target
};

/// Raises the soft limit of descriptors to the hard one, and reads what there is.
[[nodiscard]] SystemRoom claim_room();

/// One sentence with the command that mends it, if the run needs more than there is.
[[nodiscard]] std::optional<std::string> find_shortage(const Options& options,
                                                       const SystemRoom& room);

}  // namespace weir::tools::load
