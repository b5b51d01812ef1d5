#include "tools/weir/serve/bind_error.h"

#include <fmt/format.h>

namespace weir::tools::serve {

std::string explain_bind_error(const Address& address, std::error_code error) {
  std::string remedy;
  if (error == std::errc::address_in_use) {
    remedy = "; another program listens there: stop it, or use port 0 for a free one";
  } else if (error == std::errc::permission_denied) {
    remedy = "; ports below 1024 need root or CAP_NET_BIND_SERVICE: use a higher one";
  } else if (error == std::errc::address_not_available) {
    remedy = "; this machine has no such address: see `ip address`";
  }
  return fmt::format("cannot listen on {}: {}{}", address.to_string(), error.message(), remedy);
}

}  // namespace weir::tools::serve
