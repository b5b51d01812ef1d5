// The error queue of a datagram socket (ip(7), IP_RECVERR): ICMP errors, and the times at which
// datagrams left (SO_TIMESTAMPING).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "reactor/datagram/datagram_operation.h"

namespace weir::reactor {

/// One message of the queue, read. `peer` is the destination that the kernel gave with it.
struct ErrorMessage {
  std::optional<DatagramError> error;
  bool is_remote = false;  ///< the error came over the network, after its datagram had left
  std::optional<SendTimestamp> send_timestamp;
};
[[nodiscard]] ErrorMessage parse_error_control(std::span<const std::byte> control,
                                               const InternetAddress& peer) noexcept;

/// Takes all that is there, up to a bound, into the descriptor's lists.
struct ErrorsTaken {
  std::size_t errors = 0;
  std::size_t remote_errors = 0;  ///< of those
  std::size_t local_errors = 0;   ///< also if they are forgotten
  int last_remote_errno = 0;
  std::size_t send_timestamps = 0;
};
/// What ICMP says of datagrams sent before. A call may fail with such an error although the queue
/// is empty: its messages share the receive buffer with datagrams, and are dropped when that is
/// full.
[[nodiscard]] bool is_about_an_earlier_one(int error) noexcept;

/// What the kernel says of a call that it has failed itself.
enum class LocalErrors : std::uint8_t {
  tell,
  forget  ///< it is made again otherwise
};
ErrorsTaken drain_error_queue(DatagramDescriptor& descriptor, std::uint64_t& system_calls,
                              LocalErrors local = LocalErrors::tell) noexcept;

}  // namespace weir::reactor
