// What `weir serve` was asked to do, checked and typed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tools/weir/common/wire_codec.h"
#include "tools/weir/exec/service_options.h"
#include "tools/weir/serve/stall_flags.h"
#include "tools/weir/serve/work_flags.h"
#include "weir/core/backend_report.h"
#include "weir/core/runtime.h"
#include "weir/net/address.h"
#include "weir/net/listener.h"
#include "weir/net/udp_options.h"
#include "weir/net/udp_socket.h"

namespace weir::tools::serve {

enum class Service : std::uint8_t {
  echo,      ///< sends back what it receives
  discard,   ///< receives and forgets (RFC 863)
  upper,     ///< answers lines, or datagrams, in upper case
  exec,      ///< runs commands of an allow-list (docs/exec.md)
  stall,     ///< echo that answers nothing for a while of each period (docs/load.md)
  work,      ///< echo by one worker that takes its time for each request (docs/load.md)
  udp_echo,  ///< sends each datagram back
  udp_sink,  ///< receives datagrams and counts what is missing
};

[[nodiscard]] constexpr std::string_view to_text(Service service) noexcept {
  switch (service) {
    case Service::echo:
      return "echo";
    case Service::discard:
      return "discard";
    case Service::upper:
      return "upper";
    case Service::exec:
      return "exec";
    case Service::stall:
      return "stall";
    case Service::work:
      return "work";
    case Service::udp_echo:
      return "udp-echo";
    case Service::udp_sink:
      return "udp-sink";
  }
  return {};
}

/// How many requests a client of `upper` may make. See tools/weir/serve/upper_service.h.
enum class PerConnection : std::uint8_t { one, many };

/// TCP and Unix sockets, or UDP.
enum class Transport : std::uint8_t { stream, datagram };

struct Options {
  Service service = Service::echo;
  PerConnection per_connection = PerConnection::one;
  WireCodec codec = WireCodec::raw;  ///< of echo
  Address listen{};
  ServeOptions limits{};
  unsigned shards = 1;
  CpuList cpus{};
  Backend backend = Backend::automatic;
  std::optional<Duration> spin{};  ///< none: the runtime tries
  exec::ServiceOptions exec{};
  StallOptions stall{};
  WorkOptions work{};
  Transport transport = Transport::stream;
  UdpOptions udp{};     ///< of `datagram`
  Steering steering{};  ///< of `datagram`
};

}  // namespace weir::tools::serve
