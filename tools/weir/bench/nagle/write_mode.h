// How a sender hands its small writes to the kernel, and what the kernel may do with them: the
// variable of the Nagle study.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::tools::bench {

enum class WriteMode : std::uint8_t {
  nagle,           ///< one call a part; a small segment waits while another is unacknowledged
  nodelay,         ///< one call a part; each leaves at once (TCP_NODELAY)
  cork,            ///< one call a part between TCP_CORK on and off
  msg_more,        ///< one call a part, MSG_MORE on all but the last of a message
  gather,          ///< one sendmsg of all parts, TCP_NODELAY
  flush_io_uring,  ///< weir: queued part by part, flushed at the end of the turn
  flush_epoll,
  batch,  ///< one call for several messages, TCP_NODELAY: the application gathers them for a while
};

/// Those of exchanges: each message leaves at once. A batch is for streams.
inline constexpr std::array write_modes = {
    WriteMode::nagle,  WriteMode::nodelay,        WriteMode::cork,       WriteMode::msg_more,
    WriteMode::gather, WriteMode::flush_io_uring, WriteMode::flush_epoll};

/// `nagle`, `nodelay`, `cork`, `MSG_MORE`, `gather`, `weir io_uring`, `weir epoll`, `batch`.
[[nodiscard]] std::string_view to_text(WriteMode mode) noexcept;

/// Sent by weir's runtime, not by calls of our own.
[[nodiscard]] constexpr bool is_runtime(WriteMode mode) noexcept {
  return mode == WriteMode::flush_io_uring || mode == WriteMode::flush_epoll;
}

}  // namespace weir::tools::bench
