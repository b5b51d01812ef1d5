// What a path is like: which scenarios make sense on it, and what theory says of them there.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weir::tools::bench {

enum class PathKind : std::uint8_t {
  loopback,
  veth,  ///< a pair of virtual Ethernet devices
  thin,  ///< the same with a limited rate
  far,   ///< with a delay
};

struct PathTraits {
  PathKind kind = PathKind::loopback;
  int mtu = 65536;
  std::chrono::nanoseconds rtt{};  ///< of a far path; 0: what the machine takes
  std::uint64_t bits_per_s = 0;    ///< of a thin path, towards the server, headers too; 0: no limit

  /// Payload of the largest segment.
  [[nodiscard]] constexpr std::size_t segment_bytes() const noexcept {
    // IPv4 and TCP headers, the latter with time stamps.
    constexpr int header_bytes = 52;
    return mtu > header_bytes ? static_cast<std::size_t>(mtu - header_bytes) : 1;
  }
};

}  // namespace weir::tools::bench
