#include "reactor/datagram/error_queue.h"

// Before linux/errqueue.h, which wants struct timespec.
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "reactor/datagram/control_message.h"

namespace weir::reactor {
namespace {

/// Messages taken at a time: a storm of ICMP does not keep the shard from its work.
constexpr int messages_max = 64;

bool is_error_level(const cmsghdr& header) noexcept {
  return (header.cmsg_level == SOL_IP && header.cmsg_type == IP_RECVERR) ||
         (header.cmsg_level == SOL_IPV6 && header.cmsg_type == IPV6_RECVERR);
}

DatagramError::Kind kind_of(const sock_extended_err& error) noexcept {
  switch (error.ee_errno) {
    case EMSGSIZE:
      return DatagramError::Kind::too_big;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case ENOPROTOOPT:
    case EPROTO:
    case EACCES:
      return DatagramError::Kind::unreachable;
    default:
      return DatagramError::Kind::other;
  }
}

/// SO_EE_OFFENDER: a socket address behind the structure, of family AF_UNSPEC if nobody is known.
InternetAddress reporter_of(std::span<const std::byte> behind_error) noexcept {
  InternetAddress result;
  if (behind_error.size() < sizeof(sockaddr_in)) return result;
  sockaddr_in6 native{};
  std::memcpy(&native, behind_error.data(), std::min(behind_error.size(), sizeof native));
  const bool whole = native.sin6_family == AF_INET || behind_error.size() >= sizeof native;
  if (!whole || (native.sin6_family != AF_INET && native.sin6_family != AF_INET6)) return result;
  std::memcpy(result.storage(), &native,
              native.sin6_family == AF_INET ? sizeof(sockaddr_in) : sizeof native);
  return result;
}

}  // namespace

ErrorMessage parse_error_control(std::span<const std::byte> control,
                                 const InternetAddress& peer) noexcept {
  ErrorMessage result;
  const std::chrono::nanoseconds time = parse_control(control).timestamp;
  while (control.size() >= sizeof(cmsghdr)) {
    cmsghdr header;
    std::memcpy(&header, control.data(), sizeof header);
    if (header.cmsg_len < CMSG_LEN(0) || header.cmsg_len > control.size()) break;
    const auto message = control.subspan(CMSG_LEN(0), header.cmsg_len - CMSG_LEN(0));
    sock_extended_err error;
    if (is_error_level(header) && message.size() >= sizeof error) {
      std::memcpy(&error, message.data(), sizeof error);
      if (error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
        result.send_timestamp = SendTimestamp{.index = error.ee_data, .time = time};
      } else {
        result.is_remote = error.ee_origin != SO_EE_ORIGIN_LOCAL;
        result.error = DatagramError{.kind = kind_of(error),
                                     .peer = peer,
                                     .reporter = reporter_of(message.subspan(sizeof error)),
                                     .mtu_bytes = error.ee_errno == EMSGSIZE ? error.ee_info : 0,
                                     .error = from_errno(static_cast<int>(error.ee_errno))};
      }
    }
    control = control.subspan(std::min<std::size_t>(CMSG_ALIGN(header.cmsg_len), control.size()));
  }
  return result;
}

bool is_about_an_earlier_one(int error) noexcept {
  switch (error) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case ENOPROTOOPT:
    case EPROTO:
    case EMSGSIZE:
    case EACCES:
      return true;
    default:
      return false;
  }
}

ErrorsTaken drain_error_queue(DatagramDescriptor& descriptor, std::uint64_t& system_calls,
                              LocalErrors local) noexcept {
  ErrorsTaken taken;
  for (int i = 0; i < messages_max; ++i) {
    InternetAddress peer;
    alignas(cmsghdr) std::array<std::byte, 512> control;
    std::byte payload{};  // of the datagram that failed: not wanted
    iovec piece{.iov_base = &payload, .iov_len = sizeof payload};
    msghdr message{};
    message.msg_name = peer.storage();
    message.msg_namelen = InternetAddress::storage_bytes;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ++system_calls;
    if (::recvmsg(descriptor.fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    const ErrorMessage read = parse_error_control(
        {control.data(), static_cast<std::size_t>(message.msg_controllen)}, peer);
    // sendmmsg that fails behind other datagrams leaves one, and the call after it another of the
    // same datagram.
    if (read.error && !read.is_remote) ++taken.local_errors;
    const bool is_first_local = local == LocalErrors::tell && taken.local_errors == 1;
    if (read.error && (read.is_remote || is_first_local)) {
      ++taken.errors;
      if (read.is_remote) {
        ++taken.remote_errors;
        taken.last_remote_errno = read.error->error.value();
      }
      ++descriptor.stats.errors_received;
      descriptor.errors.push(*read.error, descriptor.stats.errors_dropped);
    }
    if (read.send_timestamp) {
      ++taken.send_timestamps;
      descriptor.send_timestamps.push(*read.send_timestamp,
                                      descriptor.stats.send_timestamps_dropped);
    }
  }
  return taken;
}

}  // namespace weir::reactor
