// `weir serve udp-echo`, `udp-sink` and `upper --udp`: the service on every shard, and the line at
// its end.
#pragma once

#include <string>

#include "tools/weir/serve/options.h"
#include "tools/weir/serve/udp_report.h"
#include "weir/weir.h"

namespace weir::tools::serve {

/// Whether every datagram of a stream (DatagramHeader) meets the same shard. If not, what one shard
/// misses may be on another, and following streams would tell of losses that are none.
[[nodiscard]] bool keeps_streams_together(const Steering& steering, unsigned shards) noexcept;

/// Prints READY, serves until drained, sums the shards' reports. If it cannot listen, `problem`
/// says why. The pointers outlive the task.
Task<Result<void>> serve_udp(const Options* options, UdpReport* report, std::string* problem);

}  // namespace weir::tools::serve
