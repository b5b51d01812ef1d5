// Ancillary data of datagrams: reading what the kernel says of one received, and writing what it is
// to do with one sent. cmsg(3), udp(7), ip(7), ipv6(7), Documentation/networking/timestamping.rst.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "weir/base/assert.h"
#include "weir/net/datagram.h"

namespace weir::reactor {

/// Room for all that a receive may bring: both families' traffic class, hop limit and local
/// address (a dual-stack socket has both switched on), segment size, drops, timestamps.
constexpr std::size_t receive_control_bytes = 320;

/// What one receive's control data said. Zero: not said.
struct ReceivedControl {
  InternetAddress local;
  std::uint32_t interface_index = 0;
  std::uint32_t segment_bytes = 0;
  std::uint32_t drops_total = 0;
  bool has_drops = false;
  std::uint8_t traffic_class = 0;
  std::uint8_t hop_limit = 0;
  std::chrono::nanoseconds timestamp{0};
};

/// Strict about lengths: a message shorter than its type wants is ignored, a malformed list ends
/// there. `control` is aligned as a cmsghdr.
[[nodiscard]] ReceivedControl parse_control(std::span<const std::byte> control) noexcept;

/// Builds the control data of one message.
class ControlWriter {
 public:
  /// Segment size, local address, traffic class, hop limit and transmit time of one send.
  static constexpr std::size_t bytes_max = 192;
  using Storage = std::array<std::byte, bytes_max>;

  explicit ControlWriter(Storage& storage) noexcept : storage_(storage) {}

  template <typename T>
  void add(int level, int type, const T& value) noexcept {
    WEIR_ASSERT(used_ + CMSG_SPACE(sizeof(T)) <= bytes_max);
    cmsghdr header{};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = CMSG_LEN(sizeof(T));
    std::memcpy(storage_.data() + used_, &header, sizeof header);
    std::memcpy(storage_.data() + used_ + CMSG_LEN(0), &value, sizeof(T));
    used_ += CMSG_SPACE(sizeof(T));
  }

  [[nodiscard]] std::size_t used() const noexcept { return used_; }

 private:
  Storage& storage_;
  std::size_t used_ = 0;
};

/// Whether an outgoing datagram asks for anything beside its payload. Few do.
[[nodiscard]] inline bool asks_for_control(const OutgoingDatagram& datagram) noexcept {
  return !datagram.source.is_none() || datagram.interface_index != 0 ||
         datagram.ecn != Ecn::not_capable || datagram.hop_limit != 0 ||
         datagram.transmit_time != std::chrono::nanoseconds::zero();
}

/// What an outgoing datagram asks for beside its payload. \param as_ipv4 it leaves as IPv4
/// \param traffic_class the socket's, whose upper bits stay \param segment_bytes 0: one datagram
void write_control(const OutgoingDatagram& datagram, bool as_ipv4, std::uint8_t traffic_class,
                   std::uint32_t segment_bytes, ControlWriter& control) noexcept;

}  // namespace weir::reactor
