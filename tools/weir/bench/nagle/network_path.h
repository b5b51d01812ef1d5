// What lies between the two ends of a cell. All but the plain loopback is made of network
// namespaces of this process's own, and gone with them.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "examples/delay_relay/emulated_path.h"
#include "examples/delay_relay/network_namespace.h"
#include "examples/delay_relay/problem.h"
#include "tools/weir/bench/nagle/cell.h"
#include "tools/weir/bench/nagle/path_traits.h"
#include "tools/weir/bench/nagle/veth_link.h"
#include "weir/base/result.h"
#include "weir/net/address.h"

namespace weir::tools::bench {

class NetworkPath {
 public:
  using OrProblem = delay_relay::OrProblem<NetworkPath>;

  /// This machine's loopback as it is: its MTU of 65536 hides most of what small segments do.
  [[nodiscard]] static NetworkPath loopback();
  /// The others need root. A loopback in a namespace of its own.
  [[nodiscard]] static OrProblem loopback_with_mtu(int mtu);
  [[nodiscard]] static OrProblem veth(int mtu);
  [[nodiscard]] static OrProblem veth_at_rate(int mtu, std::uint64_t bits_per_s);
  /// Two TUN devices. A PathRelay carries the packets from one to the other.
  [[nodiscard]] static OrProblem far(int mtu, std::chrono::nanoseconds rtt);

  /// `loopback`, `loopback, MTU 1500`, `veth`, `veth at 10 Mbit/s`, `relay, RTT 10 ms`.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const PathTraits& traits() const noexcept { return traits_; }
  /// Of the server, with port 0.
  [[nodiscard]] Address server_address() const noexcept;
  /// What a PathRelay is started on; `nullptr` where there is nothing to relay.
  [[nodiscard]] const delay_relay::EmulatedPath* emulated() const noexcept;

  enum class Ends : std::uint8_t { of_this_machine, in_one_namespace, apart };
  [[nodiscard]] Ends ends() const noexcept;

  /// Moves the calling thread there, for good.
  [[nodiscard]] Result<void> enter_server() const;
  [[nodiscard]] Result<void> enter_client() const;

  /// For all connections of the namespace that the calling thread has entered. No effect on the
  /// plain loopback: that namespace is not ours.
  [[nodiscard]] Result<void> set_autocorking(Autocorking autocorking) const;

 private:
  using Link = std::variant<std::monostate, delay_relay::NetworkNamespace, VethLink,
                            std::unique_ptr<delay_relay::EmulatedPath>>;

  NetworkPath(std::string name, const PathTraits& traits, Link link)
      : name_(std::move(name)), traits_(traits), link_(std::move(link)) {}

  std::string name_;
  PathTraits traits_;
  Link link_;
};

}  // namespace weir::tools::bench
