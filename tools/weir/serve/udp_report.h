// What a service over UDP did: for each socket, and summed for the line at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/weir/serve/refused_sends.h"
#include "tools/weir/serve/stream_census.h"
#include "weir/net/udp_socket.h"

namespace weir::tools::serve {

struct UdpReport {
  std::uint64_t datagrams_in = 0;  ///< that the service got
  std::uint64_t bytes_in = 0;
  UdpStats stats{};
  RefusedSends refused{};
  StreamTotals streams{};

  UdpReport& operator+=(const UdpReport& other) noexcept;
};

/// Where a datagram may have gone is told apart: taken by the service, or dropped at one of four
/// places. `weir serve NAME: ` comes before it and the system calls after it.
[[nodiscard]] std::string summary_text(const UdpReport& report);

}  // namespace weir::tools::serve
