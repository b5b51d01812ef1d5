// The flags of `weir serve exec`: from argv to options. Pure: programs are looked up later.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/exec/service_options.h"
#include "weir/net/address.h"

namespace CLI {
class App;
}

namespace weir::tools::exec {

struct RawServiceFlags {
  std::vector<std::string> allow{};
  std::optional<std::string> requests{};
  std::optional<std::string> time_limit{};
  std::optional<std::string> output_limit{};
  std::optional<std::string> concurrency{};
  bool is_logged = false;
  bool is_understood = false;

  bool operator==(const RawServiceFlags&) const = default;
};

void add_service_flags(CLI::App& command, RawServiceFlags& flags);

/// Refuses an address that others can reach, unless `--i-understand` was given: whoever connects
/// runs the allowed programs, without a password and without encryption.
[[nodiscard]] Checked<ServiceOptions> validate_service(const RawServiceFlags& flags,
                                                       const Address& listen);

}  // namespace weir::tools::exec
