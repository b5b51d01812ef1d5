#include "tools/weir/bench/nagle/net_namespace.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace weir::tools::bench {
namespace {

Result<void> configure_loopback(int fd, int mtu) noexcept {
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_mtu = mtu;
  if (::ioctl(fd, SIOCSIFMTU, &request) != 0) return fail_errno(errno);
  if (::ioctl(fd, SIOCGIFFLAGS, &request) != 0) return fail_errno(errno);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(fd, SIOCSIFFLAGS, &request) != 0) return fail_errno(errno);
  return {};
}

/// In a thread of its own: it moves to the new namespace.
Result<int> make_namespace(int loopback_mtu) noexcept {
  if (::unshare(CLONE_NEWNET) != 0) return fail_errno(errno);
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return fail_errno(errno);
  const Result<void> configured = configure_loopback(socket, loopback_mtu);
  ::close(socket);
  if (!configured) return std::unexpected(configured.error());
  const int fd = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail_errno(errno);
  return fd;
}

}  // namespace

Result<NetNamespace> NetNamespace::create(int loopback_mtu) {
  Result<int> fd = -1;
  std::thread([&fd, loopback_mtu] { fd = make_namespace(loopback_mtu); }).join();
  if (!fd) return std::unexpected(fd.error());
  return NetNamespace(*fd);
}

NetNamespace::~NetNamespace() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> NetNamespace::enter() const noexcept {
  if (::setns(fd_, CLONE_NEWNET) != 0) return fail_errno(errno);
  return {};
}

}  // namespace weir::tools::bench
