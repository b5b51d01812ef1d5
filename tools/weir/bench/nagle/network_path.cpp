#include "tools/weir/bench/nagle/network_path.h"

#include <utility>

#include <fmt/format.h>

namespace weir::tools::bench {
namespace {

constexpr int loopback_mtu = 65536;

}  // namespace

NetworkPath NetworkPath::loopback() { return {"loopback", loopback_mtu}; }

Result<NetworkPath> NetworkPath::loopback_with_mtu(int mtu) {
  Result<NetNamespace> created = NetNamespace::create(mtu);
  if (!created) return std::unexpected(created.error());
  NetworkPath path(fmt::format("loopback, MTU {}", mtu), mtu);
  path.namespace_.emplace(std::move(*created));
  return path;
}

Result<void> NetworkPath::enter_server() const noexcept {
  return namespace_ ? namespace_->enter() : Result<void>();
}

Result<void> NetworkPath::enter_client() const noexcept { return enter_server(); }

}  // namespace weir::tools::bench
