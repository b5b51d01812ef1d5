// The sender of a cell on weir's runtime: see sender.h.
#pragma once

#include <string_view>

#include "tools/weir/bench/nagle/cell.h"
#include "weir/base/result.h"
#include "weir/net/address.h"

namespace weir::tools::bench {

/// For the modes of the runtime: each part is queued by itself, and what one turn queues leaves in
/// one call at its end.
[[nodiscard]] Result<SenderCounts> send_on_runtime(const CellSpec& spec, const Address& server,
                                                   std::string_view congestion_control);

}  // namespace weir::tools::bench
