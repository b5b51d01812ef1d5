#include "tools/weir/bench/nagle/congestion_controls.h"

#include <array>
#include <system_error>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/tcp_socket.h"

namespace weir::tools::bench {
namespace {

/// Cubic and Reno fill queues until they drop, and do not pace: what is sent leaves when Nagle's
/// algorithm lets it. BBR paces to the rate that it sees.
constexpr std::array<std::string_view, 3> wanted = {"cubic", "reno", "bbr"};

std::string reason_of(const std::error_code& why) {
  if (why == std::errc::no_such_file_or_directory) {
    return "this kernel does not have it (net.ipv4.tcp_available_congestion_control)";
  }
  if (why == std::errc::operation_not_permitted) {
    return "not allowed (net.ipv4.tcp_allowed_congestion_control; run this as root)";
  }
  return why.message();
}

}  // namespace

Result<void> probe_congestion_control(std::string_view name) {
  const Result<TcpSocket> socket = TcpSocket::listen();
  if (!socket) return std::unexpected(socket.error());
  return set_congestion_control(socket->fd(), name);
}

std::vector<std::string> usable_congestion_controls(const CongestionProbe& probe,
                                                    std::vector<std::string>& left_out) {
  std::vector<std::string> usable;
  for (const std::string_view name : wanted) {
    if (const Result<void> set = probe(name)) {
      usable.emplace_back(name);
    } else {
      left_out.push_back(fmt::format("congestion control {}: {}", name, reason_of(set.error())));
    }
  }
  return usable;
}

}  // namespace weir::tools::bench
