// `weir load udp://...`: what holds of datagrams only. Part of `validate`, as pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/cli/parse.h"

namespace weir::tools::load {

/// Whether the flags make sense together.
[[nodiscard]] Checked<void> check_datagram_load(const RawFlags& flags);

/// Sets the flags that only datagrams have, and defaults that differ; false with what is wrong.
[[nodiscard]] bool parse_datagram_flags(const RawFlags& flags, Options& options, UsageError& error);

/// From a bare header to what UDP over IPv4 can carry.
[[nodiscard]] Checked<std::uint64_t> parse_datagram_bytes(std::string_view text);

}  // namespace weir::tools::load
