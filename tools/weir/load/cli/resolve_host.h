// Names of hosts, asked of the system's resolver (getaddrinfo(3)): /etc/hosts, DNS.
#pragma once

#include <cstdint>
#include <string>

#include "tools/weir/common/usage_error.h"
#include "weir/net/address.h"

namespace weir::tools::load {

/// The first address of `host`. Waits for the resolver.
[[nodiscard]] Checked<Address> resolve_host(const std::string& host, std::uint16_t port);

}  // namespace weir::tools::load
