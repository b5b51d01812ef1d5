#include "tools/weir/bench/nagle/write_mode.h"

#include <utility>

namespace weir::tools::bench {

std::string_view to_text(WriteMode mode) noexcept {
  switch (mode) {
    case WriteMode::nagle:
      return "nagle";
    case WriteMode::nodelay:
      return "nodelay";
    case WriteMode::cork:
      return "cork";
    case WriteMode::msg_more:
      return "MSG_MORE";
    case WriteMode::gather:
      return "gather";
    case WriteMode::flush_io_uring:
      return "weir io_uring";
    case WriteMode::flush_epoll:
      return "weir epoll";
    case WriteMode::batch:
      return "batch";
  }
  std::unreachable();
}

}  // namespace weir::tools::bench
