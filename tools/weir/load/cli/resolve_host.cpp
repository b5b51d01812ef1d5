#include "tools/weir/load/cli/resolve_host.h"

#include <netdb.h>
#include <sys/socket.h>

#include <memory>

#include <fmt/format.h>

namespace weir::tools::load {

Checked<Address> resolve_host(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  if (code != 0) {
    return usage_error(
        fmt::format("cannot resolve the host \"{}\": {}", host, ::gai_strerror(code)));
  }
  const auto address = Address::from_sockaddr(found->ai_addr, found->ai_addrlen);
  if (!address) return usage_error(fmt::format("\"{}\" has no IP address", host));
  return address->with_port(port);
}

}  // namespace weir::tools::load
