// How many shards, and on which CPUs: `--shards` and `--cpus`, which depend on each other.
#pragma once

#include <optional>
#include <string>

#include "tools/weir/common/usage_error.h"
#include "weir/core/runtime.h"

namespace weir::tools {

struct Placement {
  unsigned shards = 1;
  CpuList cpus{};
};

/// Without `--shards`: one shard a CPU of `--cpus`, or else `default_shards`. More shards than CPUs
/// are refused: two pinned to one CPU only get in each other's way.
[[nodiscard]] Checked<Placement> parse_placement(const std::optional<std::string>& shards,
                                                 const std::optional<std::string>& cpus,
                                                 unsigned default_shards);

}  // namespace weir::tools
