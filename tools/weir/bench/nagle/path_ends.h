// The network interfaces at the ends of a path: what the kernel does there (segmentation, the MTU)
// is a part of what was measured.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/bench/nagle/network_path.h"
#include "tools/weir/common/network_interface.h"

namespace weir::tools::bench {

struct EndInterfaces {
  std::string path;  ///< its name
  std::string end;   ///< `client`, `server`; `both` where they are in one namespace
  std::vector<tools::NetworkInterface> interfaces{};
};

/// Read in the namespaces of the path. None for the plain loopback, which is this machine's own,
/// and for an end that cannot be entered.
[[nodiscard]] std::vector<EndInterfaces> read_path_ends(const NetworkPath& path);

/// `veth, client: weir0: MTU 1500, tso on, ...`, a line for each interface.
[[nodiscard]] std::vector<std::string> path_end_lines(const std::vector<EndInterfaces>& ends);

}  // namespace weir::tools::bench
