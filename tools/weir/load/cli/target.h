// What is put under load: `tcp://HOST:PORT`, `udp://HOST:PORT` or `unix:PATH`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "weir/net/address.h"

namespace weir::tools::load {

enum class Transport : std::uint8_t { stream, datagram };

struct Target {
  Address address;
  Transport transport = Transport::stream;
  std::string text;  ///< as a person would write it: `tcp://127.0.0.1:9000`, `unix:/run/echo`
};

/// Reads a target. A host is an address or a name, which is resolved, and waited for; "any"
/// (`tcp://:9000`) means this machine.
[[nodiscard]] Checked<Target> parse_target(std::string_view text);

/// On this machine, or in a network that is not public (RFC 1918, RFC 4193, link-local).
[[nodiscard]] bool is_local_or_private(const Address& address) noexcept;

}  // namespace weir::tools::load
