// All that a reader may want to know of the machine behind a measurement: the kernel and its
// settings, the processors, who else was there. As files of /proc and /sys have it; what can't be
// read is left out.
#pragma once

#include <vector>

#include "tools/weir/common/json_text.h"
#include "tools/weir/common/machine.h"
#include "tools/weir/common/network_interface.h"
#include "tools/weir/common/system_files.h"

namespace weir::tools {

[[nodiscard]] Json environment_json(const SystemFiles& files);
/// \param machine  as it was read earlier: before this process pinned itself
[[nodiscard]] Json environment_json(const Machine& machine, const SystemFiles& files);

/// A part of the above: `[{"name": "lo", "mtu": 65536, "tso": "on", ...}]`.
[[nodiscard]] Json interfaces_json(const std::vector<NetworkInterface>& interfaces);

}  // namespace weir::tools
