// What lies between the two ends of a cell.
#pragma once

#include <optional>
#include <string>

#include "tools/weir/bench/nagle/net_namespace.h"
#include "weir/base/result.h"

namespace weir::tools::bench {

class NetworkPath {
 public:
  /// This machine's loopback as it is: its MTU of 65536 hides most of what small segments do.
  [[nodiscard]] static NetworkPath loopback();
  /// A loopback in a namespace of its own. Errors: EPERM without root.
  [[nodiscard]] static Result<NetworkPath> loopback_with_mtu(int mtu);

  /// `loopback`, `loopback, MTU 1500`.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] int mtu() const noexcept { return mtu_; }

  /// Moves the calling thread there, for good.
  [[nodiscard]] Result<void> enter_server() const noexcept;
  [[nodiscard]] Result<void> enter_client() const noexcept;

 private:
  NetworkPath(std::string name, int mtu) : name_(std::move(name)), mtu_(mtu) {}

  std::string name_;
  int mtu_;
  std::optional<NetNamespace> namespace_;  ///< none: where the process is
};

}  // namespace weir::tools::bench
