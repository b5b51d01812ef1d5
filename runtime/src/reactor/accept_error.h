// Which errors of accept(2) are of the connection that would have been next, not of the listener.
#pragma once

#include <cerrno>

namespace weir::reactor {

/// accept(2): Linux passes on what already happened to the new connection, and "should detect the
/// following network errors ... and treat them like EAGAIN by retrying". Each of these takes a
/// connection from the queue, so retrying makes headway. EOPNOTSUPP would stand for good on a
/// socket that is no SOCK_STREAM; ours all are (`make_listening_socket`). EPERM, of a firewall, may
/// stand for good and is not here; EINTR and EAGAIN take nobody from the queue.
///
/// \param error  a positive errno
[[nodiscard]] constexpr bool concerns_one_connection(int error) noexcept {
  switch (error) {
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
      return true;
    default:
      return false;
  }
}

}  // namespace weir::reactor
