// Receiving datagrams: recvmmsg(2) into a window of the shard's memory, and what the kernel says of
// each.
//
// The same for every backend that talks to a kernel: one says when a socket is readable, this does
// the rest. docs/design/0004 has the measurements that made it so.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "reactor/datagram/arrived_datagram.h"
#include "reactor/datagram/control_message.h"
#include "reactor/datagram/datagram_operation.h"
#include "reactor/datagram/datagram_window.h"

namespace weir::reactor {

class DatagramReceiver {
 public:
  /// What one socket may give in one turn before the others have theirs.
  static constexpr std::size_t turn_bytes_max = std::size_t{256} << 10;
  static constexpr std::size_t turn_messages_max = 128;

  enum class State : std::uint8_t {
    drained,  ///< nothing is left to read for now
    unread,   ///< the turn is over, there is more
    starved,  ///< there was no memory; not of a source that is to be drained
    full,     ///< the inbox is full
    failed    ///< `errno_value`
  };
  struct Turn {
    State state = State::drained;
    bool delivered = false;  ///< something new is in the inbox or in the lists of the descriptor
    int errno_value = 0;
    std::size_t messages = 0;
  };

  explicit DatagramReceiver(BufferPool& pool) noexcept;

  /// Moves what has arrived into the source's inbox, as far as a turn goes. Where there is no
  /// memory and the source is to be drained, which waits for nothing, it is dropped and counted.
  [[nodiscard]] Turn receive(DatagramSource& source, std::uint64_t& system_calls) noexcept;

  /// Copies one that the kernel has received already, unless it is a stranger's. \returns false if
  /// there is no memory: then nothing has happened
  [[nodiscard]] bool deliver(DatagramSource& source, const ArrivedDatagram& datagram) noexcept;

  /// Counts one that is not put into the inbox: for want of memory, if it is not a stranger's.
  static void discard(DatagramSource& source, const ArrivedDatagram& datagram) noexcept;

  [[nodiscard]] bool has_spare_memory() const noexcept { return window_.holds_memory(); }
  void trim() noexcept { window_.trim(); }

 private:
  struct Once {
    State state;
    std::size_t bytes = 0;  ///< that the messages hold
    std::size_t messages = 0;
    int errno_value = 0;
  };
  [[nodiscard]] Once receive_once(DatagramSource& source, std::uint64_t& system_calls) noexcept;
  [[nodiscard]] Once discard_once(DatagramSource& source, std::uint64_t& system_calls) noexcept;
  [[nodiscard]] Once call(DatagramSource& source, std::size_t count,
                          std::uint64_t& system_calls) noexcept;
  [[nodiscard]] ArrivedDatagram arrived(std::size_t message) const noexcept;
  [[nodiscard]] bool make_room() noexcept;

  struct alignas(cmsghdr) Control {
    std::array<std::byte, receive_control_bytes> bytes;
  };

  BufferPool& pool_;
  DatagramWindow window_;
  std::array<mmsghdr, DatagramWindow::messages_max> messages_{};
  std::array<InternetAddress, DatagramWindow::messages_max> names_;
  std::array<Control, DatagramWindow::messages_max> controls_;
};

}  // namespace weir::reactor
