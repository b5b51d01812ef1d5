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

/// Reads a target. Hosts are numeric or localhost; "any" (`tcp://:9000`) means this machine.
[[nodiscard]] Checked<Target> parse_target(std::string_view text);

}  // namespace weir::tools::load
