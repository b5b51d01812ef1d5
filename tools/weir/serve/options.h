// What `weir serve` was asked to do, checked and typed.
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/core/backend_report.h"
#include "weir/core/runtime.h"
#include "weir/net/address.h"

namespace weir::tools::serve {

enum class Service : std::uint8_t {
  echo,     ///< sends back what it receives
  discard,  ///< receives and forgets (RFC 863)
};

[[nodiscard]] constexpr std::string_view to_text(Service service) noexcept {
  return service == Service::echo ? "echo" : "discard";
}

struct Options {
  Service service = Service::echo;
  Address listen{};
  unsigned shards = 1;
  CpuList cpus{};
  Backend backend = Backend::automatic;
};

}  // namespace weir::tools::serve
