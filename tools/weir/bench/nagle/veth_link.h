// A cable between two network namespaces: a pair of virtual Ethernet devices (veth(4)).
//
//     client namespace                        server namespace
//       198.18.0.1/30  weir0  <----------->  weir0  198.18.0.2/30
//
// Set up by netlink, so that no program is needed. Nothing is left of it once it is destroyed: the
// namespaces have no name, and the devices go with them.
#pragma once

#include <cstdint>
#include <utility>

#include "examples/delay_relay/network_interface.h"
#include "examples/delay_relay/network_namespace.h"
#include "examples/delay_relay/problem.h"

namespace weir::tools::bench {

class VethLink {
 public:
  /// Errors: EPERM without CAP_SYS_ADMIN, EOPNOTSUPP in a kernel without such devices.
  [[nodiscard]] static delay_relay::OrProblem<VethLink> make(unsigned mtu_bytes);

  /// Towards the server, by a token bucket (tc-tbf(8)): packets beyond the rate wait. One that
  /// comes alone passes at once: this is a rate, not a delay. ENOENT in a kernel without it.
  [[nodiscard]] delay_relay::OrProblem<void> limit_rate(std::uint64_t bits_per_s);

  [[nodiscard]] const delay_relay::NetworkNamespace& client() const noexcept { return client_; }
  [[nodiscard]] const delay_relay::NetworkNamespace& server() const noexcept { return server_; }
  [[nodiscard]] static delay_relay::Ipv4Address server_address() noexcept;

 private:
  VethLink(delay_relay::NetworkNamespace client, delay_relay::NetworkNamespace server,
           unsigned mtu_bytes) noexcept
      : client_(std::move(client)), server_(std::move(server)), mtu_bytes_(mtu_bytes) {}

  delay_relay::NetworkNamespace client_;
  delay_relay::NetworkNamespace server_;
  unsigned mtu_bytes_;
};

}  // namespace weir::tools::bench
