#include "tools/weir/bench/nagle/cell.h"

#include <numeric>

namespace weir::tools::bench {

std::size_t CellSpec::message_bytes() const noexcept {
  return std::accumulate(parts.begin(), parts.end(), std::size_t{0});
}

}  // namespace weir::tools::bench
