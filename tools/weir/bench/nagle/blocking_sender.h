// The sender of a cell that makes plain blocking calls: see sender.h.
#pragma once

#include <string_view>

#include "tools/weir/bench/nagle/cell.h"
#include "weir/base/result.h"
#include "weir/net/address.h"

namespace weir::tools::bench {

/// For all modes but the runtime's.
[[nodiscard]] Result<SenderCounts> send_blocking(const CellSpec& spec, const Address& server,
                                                 std::string_view congestion_control);

}  // namespace weir::tools::bench
