#include "tools/weir/bench/nagle/network_path.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include <fmt/format.h>

#include "examples/delay_relay/file_descriptor.h"
#include "examples/delay_relay/network_interface.h"
#include "tools/weir/common/duration.h"

namespace weir::tools::bench {
namespace {

using delay_relay::EmulatedPath;
using delay_relay::FileDescriptor;
using delay_relay::NetworkInterface;
using delay_relay::NetworkNamespace;

constexpr const char* autocorking_file = "/proc/sys/net/ipv4/tcp_autocorking";

Result<void> enter(const NetworkNamespace& home) {
  const delay_relay::OrProblem<void> entered = home.enter();
  if (!entered) return std::unexpected(entered.error().why);
  return {};
}

Address with_port_zero(const delay_relay::Ipv4Address& address) {
  return Address::ipv4(address, 0);
}

}  // namespace

NetworkPath NetworkPath::loopback() { return {"loopback", PathTraits{}, std::monostate()}; }

NetworkPath::OrProblem NetworkPath::loopback_with_mtu(int mtu) {
  auto home = NetworkNamespace::make();
  if (!home) return std::unexpected(home.error());
  const auto set = home->run([mtu]() -> delay_relay::OrProblem<void> {
    const auto interface = NetworkInterface::find("lo");
    if (!interface) return std::unexpected(interface.error());
    const auto done = interface->set_mtu(static_cast<unsigned>(mtu));
    return done ? interface->bring_up() : done;
  });
  if (!set) return std::unexpected(set.error());
  return NetworkPath(fmt::format("loopback, MTU {}", mtu), {.mtu = mtu}, std::move(*home));
}

NetworkPath::OrProblem NetworkPath::veth(int mtu) {
  auto link = VethLink::make(static_cast<unsigned>(mtu));
  if (!link) return std::unexpected(link.error());
  return NetworkPath("veth", {.kind = PathKind::veth, .mtu = mtu}, std::move(*link));
}

NetworkPath::OrProblem NetworkPath::veth_at_rate(int mtu, std::uint64_t bits_per_s) {
  auto link = VethLink::make(static_cast<unsigned>(mtu));
  if (!link) return std::unexpected(link.error());
  const auto limited = link->limit_rate(bits_per_s);
  if (!limited) return std::unexpected(limited.error());
  return NetworkPath(fmt::format("veth at {:g} Mbit/s", static_cast<double>(bits_per_s) / 1e6),
                     {.kind = PathKind::thin, .mtu = mtu, .bits_per_s = bits_per_s},
                     std::move(*link));
}

NetworkPath::OrProblem NetworkPath::far(int mtu, std::chrono::nanoseconds rtt) {
  auto path = EmulatedPath::make({.mtu_bytes = static_cast<unsigned>(mtu)});
  if (!path) return std::unexpected(path.error());
  return NetworkPath(fmt::format("relay, RTT {}", format_duration(rtt, {})),
                     {.kind = PathKind::far, .mtu = mtu, .rtt = rtt},
                     std::make_unique<EmulatedPath>(std::move(*path)));
}

Address NetworkPath::server_address() const noexcept {
  if (const EmulatedPath* const path = emulated()) return with_port_zero(path->server().address);
  if (std::holds_alternative<VethLink>(link_)) return with_port_zero(VethLink::server_address());
  return Address::loopback(0);
}

const EmulatedPath* NetworkPath::emulated() const noexcept {
  const auto* const path = std::get_if<std::unique_ptr<EmulatedPath>>(&link_);
  return path == nullptr ? nullptr : path->get();
}

NetworkPath::Ends NetworkPath::ends() const noexcept {
  if (std::holds_alternative<std::monostate>(link_)) return Ends::of_this_machine;
  const bool is_one = std::holds_alternative<NetworkNamespace>(link_);
  return is_one ? Ends::in_one_namespace : Ends::apart;
}

Result<void> NetworkPath::enter_server() const {
  if (const auto* const home = std::get_if<NetworkNamespace>(&link_)) return enter(*home);
  if (const auto* const link = std::get_if<VethLink>(&link_)) return enter(link->server());
  if (const EmulatedPath* const path = emulated()) return enter(path->server().home);
  return {};
}

Result<void> NetworkPath::enter_client() const {
  if (const auto* const home = std::get_if<NetworkNamespace>(&link_)) return enter(*home);
  if (const auto* const link = std::get_if<VethLink>(&link_)) return enter(link->client());
  if (const EmulatedPath* const path = emulated()) return enter(path->client().home);
  return {};
}

Result<void> NetworkPath::set_autocorking(Autocorking autocorking) const {
  if (std::holds_alternative<std::monostate>(link_)) return {};
  // This part of /proc shows the namespace of whoever opens it.
  const FileDescriptor file(::open(autocorking_file, O_WRONLY | O_CLOEXEC));
  const std::string_view text = autocorking == Autocorking::on ? "1" : "0";
  if (file.is_open() && ::write(file.get(), text.data(), text.size()) > 0) return {};
  // On is how every namespace begins.
  if (autocorking == Autocorking::on) return {};
  return fail_errno(errno);
}

}  // namespace weir::tools::bench
