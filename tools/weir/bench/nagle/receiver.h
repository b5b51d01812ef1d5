// The receiving end of a cell: takes messages of a known size apart from how they arrive, counts
// how they did, and answers them if they are exchanges. Sans I/O but for `serve_cell`.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tools/weir/bench/nagle/cell.h"
#include "tools/weir/bench/nagle/tcp_socket.h"
#include "weir/base/result.h"

namespace weir::tools::bench {

/// Follows the boundaries of messages through reads.
class MessageCounter {
 public:
  /// \param has_stamp  whether each message begins with the time it was due, or 0
  MessageCounter(std::size_t message_bytes, bool has_stamp) noexcept
      : message_bytes_(message_bytes), has_stamp_(has_stamp) {}

  /// A read at `now` (nanoseconds of the steady clock). \returns messages that it has ended.
  std::uint64_t take(std::span<const std::byte> bytes, std::int64_t now);

  [[nodiscard]] ReceiverCounts& counts() noexcept { return counts_; }
  /// Whether the last read ended inside a message.
  [[nodiscard]] bool is_inside() const noexcept { return offset_ != 0; }

 private:
  std::size_t message_bytes_;
  bool has_stamp_;
  std::size_t offset_ = 0;  ///< in the message that is under way
  std::array<std::byte, stamp_bytes> stamp_{};
  ReceiverCounts counts_;
};

/// Accepts one connection and serves the cell on it until the sender ends it. Errors: those of the
/// calls; `Error::end_of_stream` if it ends inside a message.
[[nodiscard]] Result<ReceiverCounts> serve_cell(const TcpSocket& listener, const CellSpec& spec);

}  // namespace weir::tools::bench
