// The flags of `weir serve` that only its services over UDP take: from argv to options. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "weir/net/address.h"
#include "weir/net/udp_options.h"
#include "weir/net/udp_socket.h"

namespace CLI {
class App;
}

namespace weir::tools::serve {

struct RawUdpFlags {
  bool is_udp = false;  ///< upper only: the other services have two names
  std::optional<std::string> gro{};
  std::optional<std::string> gso{};
  std::optional<std::string> steer{};
  std::optional<std::string> receive_buffer{};
  std::optional<std::string> overflow{};
  std::optional<std::string> queue_bytes{};

  bool operator==(const RawUdpFlags&) const = default;
};

void add_udp_flags(CLI::App& command, RawUdpFlags& flags);

/// `flow`, `cpu` or `payload:OFFSET:BYTES`.
[[nodiscard]] Checked<Steering> parse_steering(std::string_view text);

struct UdpSettings {
  UdpOptions socket{};
  Steering steering{};
};

/// Where every address of the machine is listened on, answers come from the one that was asked: the
/// sockets are told to say which it was.
[[nodiscard]] Checked<UdpSettings> validate_udp(const RawUdpFlags& flags, const Address& listen);

}  // namespace weir::tools::serve
