#include "weir/net/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "net/stream_state.h"

namespace weir {
namespace {

Result<void> set_option(int fd, int level, int option, int value) noexcept {
  if (fd < 0) return fail(Error::closed);
  if (::setsockopt(fd, level, option, &value, sizeof value) != 0) return fail_errno(errno);
  return {};
}

/// A time too long for the socket's option is the longest.
template <typename T>
int clamp_to_int(T count) noexcept {
  return static_cast<int>(std::clamp<T>(count, 0, std::numeric_limits<int>::max()));
}

int value_of(Switch position) noexcept { return position == Switch::on ? 1 : 0; }

}  // namespace

Result<void> TcpStream::set_nodelay(Switch nodelay) noexcept {
  Result<void> set = set_option(detail::fd_of(state_), IPPROTO_TCP, TCP_NODELAY, value_of(nodelay));
  if (set) state_->note_nodelay(nodelay);
  return set;
}

Result<void> TcpStream::set_cork(Switch cork) noexcept {
  return set_option(detail::fd_of(state_), IPPROTO_TCP, TCP_CORK, value_of(cork));
}

Result<void> TcpStream::set_quickack(Switch quickack) noexcept {
  return set_option(detail::fd_of(state_), IPPROTO_TCP, TCP_QUICKACK, value_of(quickack));
}

Result<void> TcpStream::set_notsent_lowat(std::uint32_t bytes) noexcept {
  return set_option(detail::fd_of(state_), IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(bytes));
}

Result<void> TcpStream::set_keepalive(const Keepalive& keepalive) noexcept {
  const int fd = detail::fd_of(state_);
  Result<void> set =
      set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, clamp_to_int(keepalive.idle.count()));
  if (set) {
    set = set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, clamp_to_int(keepalive.interval.count()));
  }
  if (set) set = set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, keepalive.probes);
  if (set) set = set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  return set;
}

Result<void> TcpStream::disable_keepalive() noexcept {
  return set_option(detail::fd_of(state_), SOL_SOCKET, SO_KEEPALIVE, 0);
}

Result<void> TcpStream::set_user_timeout(std::chrono::milliseconds timeout) noexcept {
  return set_option(detail::fd_of(state_), IPPROTO_TCP, TCP_USER_TIMEOUT,
                    clamp_to_int(timeout.count()));
}

}  // namespace weir
