// Sending datagrams: runs of equal size to one peer become trains (UDP_SEGMENT), and all of it goes
// out in as few calls of sendmmsg(2) as it takes.
//
//     entries    | 1200 | 1200 | 1200 | 700 |   | 64 | 64 |    | train 64 KiB |
//     messages   |====== one train =========|   | one train|   | one or several trains |
//
// A train that the kernel refuses (no checksum offload on the way: EIO; larger than the path's MTU:
// EINVAL, EMSGSIZE; net/ipv4/udp.c, udp_send_skb) goes out again datagram by datagram, and that
// peer gets no more such trains. Unless its first datagram is refused as well: then it was not the
// train.
//
// What is left when the turn's budget is spent goes on in the next turn: a batch of any size, or a
// task that sends without end, leaves the others theirs.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "reactor/datagram/control_message.h"
#include "reactor/datagram/datagram_operation.h"

namespace weir::reactor {

class DatagramSender {
 public:
  enum class State : std::uint8_t {
    done,      ///< everything was taken, or one entry was refused
    no_room,   ///< the socket's buffer is full
    turn_over  ///< the shard's turn is: on in the next one
  };
  enum class Extent : std::uint8_t {
    turn,  ///< what is left of the shard's turn
    all
  };
  /// As far as it goes.
  [[nodiscard]] State send(DatagramSendOperation& operation, Extent extent,
                           std::uint64_t& system_calls) noexcept;

  /// A shard's sockets together send so much in one turn; then its other work has its own. On
  /// loopback some 0.2 ms as trains, and at most 1 ms one by one, at 2 to 4 us each.
  struct Budget {
    std::size_t messages = 256;
    std::size_t bytes = std::size_t{1} << 20;
  };
  void begin_turn() noexcept { left_ = {}; }
  [[nodiscard]] bool has_turn_left() const noexcept {
    return left_.messages > 0 && left_.bytes > 0;
  }

  /// Kernels take 128 since 2024, but 64 is what all of them do.
  static constexpr std::size_t segments_max = 64;
  /// The payload of the largest IPv4 datagram: also a train is one until it is cut.
  static constexpr std::size_t train_bytes_max = 65507;

 private:
  static constexpr std::size_t messages_max = 64;
  static constexpr std::size_t pieces_max = 512;

  /// How far the operation is when a message has been taken.
  struct Mark {
    std::size_t entries;  ///< whole ones, of this build
    std::size_t offset;   ///< bytes of the next entry
    std::uint32_t datagrams;
    std::uint32_t bytes;
    bool is_train;
  };
  /// The entry the next message begins in, and where.
  struct Cursor {
    std::size_t entry;
    std::size_t offset;
  };

  enum class Trains : std::uint8_t { allowed, none };
  [[nodiscard]] std::size_t build(const DatagramSendOperation& operation, const Budget& budget,
                                  Trains trains) noexcept;
  void add_message(const DatagramSendOperation& operation, Cursor& cursor, Trains trains) noexcept;
  void add_part(const OutgoingDatagram& entry, std::size_t bytes_max, Cursor& cursor,
                Mark& mark) noexcept;
  void add_run(const DatagramSendOperation& operation, Cursor& cursor, Mark& mark) noexcept;
  void advance(DatagramSendOperation& operation, std::size_t messages) noexcept;
  enum class Failure : std::uint8_t {
    retry,     ///< for a reason that may come again and again
    smaller,   ///< a train was refused: retry with its first datagram alone
    doubtful,  ///< perhaps about an earlier datagram: retry once
    wait,
    refused,
  };
  [[nodiscard]] int call(int fd, std::size_t count) noexcept;
  void spend(std::size_t messages, std::size_t bytes) noexcept;
  /// `error` becomes what the caller is to be told.
  [[nodiscard]] Failure handle_failure(DatagramSendOperation& operation, int& error,
                                       std::uint64_t& system_calls) noexcept;

  Budget left_;  ///< of this turn
  std::size_t messages_count_ = 0;
  std::size_t pieces_count_ = 0;
  std::array<mmsghdr, messages_max> messages_{};
  std::array<Mark, messages_max> marks_{};
  std::array<iovec, pieces_max> pieces_{};
  struct alignas(cmsghdr) Control {
    ControlWriter::Storage bytes;
  };
  std::array<Control, messages_max> controls_;
};

}  // namespace weir::reactor
