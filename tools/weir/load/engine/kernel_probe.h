// What the kernel round trips of a run are sampled with: its own kind of request, on a connection
// of the probe's own.
#pragma once

#include <optional>

#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/kernel/kernel_rtt_probe.h"

namespace weir::tools::load {

/// None if the options do not ask for samples, or nothing says how long an answer is: one that is
/// matched by a pattern, none at all, and a frame of a length that only its header tells.
/// On a shard: a request is written.
[[nodiscard]] std::optional<KernelRttOptions> kernel_probe_options(const Options& options);

}  // namespace weir::tools::load
