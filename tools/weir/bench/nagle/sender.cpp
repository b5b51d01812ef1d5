#include "tools/weir/bench/nagle/sender.h"

#include "tools/weir/bench/nagle/blocking_sender.h"
#include "tools/weir/bench/nagle/runtime_sender.h"

namespace weir::tools::bench {

Result<SenderCounts> send_cell(const CellSpec& spec, const Address& server,
                               std::string_view congestion_control) {
  return is_runtime(spec.mode) ? send_on_runtime(spec, server, congestion_control)
                               : send_blocking(spec, server, congestion_control);
}

}  // namespace weir::tools::bench
