// Local addresses that connections take turns with: more of them, more local ports.
#pragma once

#include <string_view>
#include <vector>

#include "tools/weir/common/usage_error.h"
#include "weir/net/address.h"

namespace weir::tools::load {

/// `127.0.0.2,127.0.0.3` or `127.0.1.0/28`: every address of an IPv4 network of at most 4096; of a
/// network that is not a loopback one without its first and last (network and broadcast).
[[nodiscard]] Checked<std::vector<Address>> parse_source_list(std::string_view text);

}  // namespace weir::tools::load
