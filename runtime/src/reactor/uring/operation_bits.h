// What this backend remembers of an operation, in `Operation::backend_bits`.
#pragma once

#include <cstdint>

#include "reactor/operation.h"

namespace weir::reactor {

enum class OperationBit : std::uint8_t {
  backlog = 1,         ///< waits for a submission entry
  starved = 2,         ///< a receive source that waits for memory
  ended = 4,           ///< the last completion came; the answer to a cancel is awaited
  cancel_asked = 8,    ///< a cancel of it is with the kernel
  cancel_listed = 16,  ///< a cancel of it waits for a submission entry
  full = 32,           ///< a source that is being stopped because its owner has enough
  instant = 64,        ///< a send that the kernel takes or refuses while it is submitted
  congested = 128,     ///< a send that found the socket buffer full: wait for room at once
  unread = 64,         ///< a datagram source whose turn ended with something left to read
  unsent = 64,         ///< a datagram send whose turn ended with something left to send
  lone = 128,          ///< a datagram source that the kernel receives for: uring_lone_datagrams.cpp
};

[[nodiscard]] inline bool has(const Operation& operation, OperationBit bit) noexcept {
  return (operation.backend_bits & static_cast<std::uint8_t>(bit)) != 0;
}

inline void set(Operation& operation, OperationBit bit) noexcept {
  operation.backend_bits |= static_cast<std::uint8_t>(bit);
}

inline void clear(Operation& operation, OperationBit bit) noexcept {
  operation.backend_bits &= static_cast<std::uint8_t>(~static_cast<std::uint8_t>(bit));
}

}  // namespace weir::reactor
