// What is put under load: `tcp://HOST:PORT` or `unix:PATH`.
#pragma once

#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "weir/net/address.h"

namespace weir::tools::load {

struct Target {
  Address address;
  std::string text;  ///< as a person would write it: `tcp://127.0.0.1:9000`, `unix:/run/echo`
};

/// Reads a target. Hosts are numeric or localhost; "any" (`tcp://:9000`) means this machine.
[[nodiscard]] Checked<Target> parse_target(std::string_view text);

}  // namespace weir::tools::load
