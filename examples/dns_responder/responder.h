// Bytes of a query in, bytes of a response out.
//
//     UDP: at most what the client takes (512, or its EDNS size) and we send; what does not fit is
//          left out by whole sets, with TC set when it was asked for, so that the client asks again
//          by TCP
//     TCP: at most 65535
//
// Allocates nothing, keeps nothing: one for all shards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "zone.h"

namespace dns_responder {

enum class Transport : std::uint8_t { udp, tcp };

inline constexpr std::size_t response_bytes_min = 512;  ///< what every client takes
inline constexpr std::size_t response_bytes_max = 65535;

struct ResponderOptions {
  /// Largest response by UDP, 512 to 65535. 1232 passes every path whose MTU is IPv6's least, so
  /// that nothing is fragmented (DNS flag day 2020).
  std::uint16_t udp_payload_bytes_max = 1232;
};

class Responder {
 public:
  /// The zone outlives it.
  explicit Responder(const Zone& zone, ResponderOptions options = {}) noexcept
      : zone_(&zone), options_(options) {}

  /// Answers `query` into `response`, which holds at least 512 bytes, for UDP as many as
  /// `udp_payload_bytes_max`, for TCP 65535 if no answer is to be cut. They do not overlap.
  /// \returns the size of the response; 0 if none is to be sent
  [[nodiscard]] std::size_t respond(std::span<const std::byte> query, Transport transport,
                                    std::span<std::byte> response) const noexcept;

 private:
  const Zone* zone_;
  ResponderOptions options_;
};

}  // namespace dns_responder
