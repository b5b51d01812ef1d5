// A network namespace of this process's own (network_namespaces(7)). Threads enter it one by one;
// it ends with the last of them and this handle.
#pragma once

#include <utility>

#include "weir/base/result.h"

namespace weir::tools::bench {

class NetNamespace {
 public:
  /// A new one, with its loopback up and nothing else. Errors: EPERM without CAP_SYS_ADMIN.
  [[nodiscard]] static Result<NetNamespace> create(int loopback_mtu);

  NetNamespace(NetNamespace&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  NetNamespace& operator=(NetNamespace&&) = delete;
  ~NetNamespace();

  /// Moves the calling thread into it, for good.
  [[nodiscard]] Result<void> enter() const noexcept;

 private:
  explicit NetNamespace(int fd) noexcept : fd_(fd) {}

  int fd_;
};

}  // namespace weir::tools::bench
