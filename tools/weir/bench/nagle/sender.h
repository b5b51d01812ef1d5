// The sending end of a cell. Both forms do the same job: one with plain blocking calls, one on
// weir's runtime, whose out-queue gathers what is queued in a turn.
#pragma once

#include <string_view>

#include "tools/weir/bench/nagle/cell.h"
#include "weir/base/result.h"
#include "weir/net/address.h"

namespace weir::tools::bench {

/// Connects, sends the cell's messages, ends the stream and waits until the receiver has too.
/// \param congestion_control  a name that the kernel has; it must live until the call returns
/// Errors: those of the calls, EAGAIN if the receiver does not go on for `wait_max`.
[[nodiscard]] Result<SenderCounts> send_cell(const CellSpec& spec, const Address& server,
                                             std::string_view congestion_control);

}  // namespace weir::tools::bench
