// Trains: several datagrams to or from one peer in one piece of memory, moved by one system call.
//
//     | datagram | datagram | ... | the last may be shorter |
//      <-segment->
//
// UDP_GRO (Linux 5.0) delivers what arrived as a train with the size of a segment in a control
// message, an int. UDP_SEGMENT (Linux 4.18) cuts what is sent; there the size has 16 bits.
#pragma once

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace peer {

/// The most a datagram or a train carries over IPv4: 65535 less the headers of IP and UDP.
constexpr std::size_t datagram_bytes_max = 65507;

/// A smaller buffer would cut trains: the rest of them is lost.
constexpr std::size_t train_bytes_max = 65536;

/// What the kernel merges into one train at most (UDP_GRO_CNT_MAX), and what every kernel with
/// UDP_SEGMENT lets out in one.
constexpr unsigned segments_max = 64;

/// Room for either control message.
constexpr std::size_t train_control_bytes = CMSG_SPACE(sizeof(int));

/// Size of the datagrams in what was received: all of `length` without the control message.
inline std::size_t segment_bytes(const cmsghdr* found, std::size_t length) {
  if (found == nullptr || found->cmsg_level != SOL_UDP || found->cmsg_type != UDP_GRO) {
    return length;
  }
  int size = 0;
  std::memcpy(&size, CMSG_DATA(found), sizeof size);
  return static_cast<std::size_t>(size);
}

/// How many datagrams that makes. An empty one is one.
inline std::size_t datagrams_in(std::size_t length, std::size_t segment) {
  return length <= segment ? 1 : (length + segment - 1) / segment;
}

/// Has the kernel cut what is sent with `header`. A message that is not longer than one segment
/// must go without: some kernels refuse a cut that cuts nothing.
inline void cut_into_segments(msghdr& header, void* control, std::size_t segment) {
  const auto size = static_cast<std::uint16_t>(segment);
  header.msg_control = control;
  header.msg_controllen = CMSG_SPACE(sizeof size);
  cmsghdr* cut = CMSG_FIRSTHDR(&header);
  cut->cmsg_level = SOL_UDP;
  cut->cmsg_type = UDP_SEGMENT;
  cut->cmsg_len = CMSG_LEN(sizeof size);
  std::memcpy(CMSG_DATA(cut), &size, sizeof size);
}

}  // namespace peer
