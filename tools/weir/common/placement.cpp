#include "tools/weir/common/placement.h"

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/cpu_list.h"
#include "tools/weir/common/flag_check.h"

namespace weir::tools {

Checked<Placement> parse_placement(const std::optional<std::string>& shards,
                                   const std::optional<std::string>& cpus,
                                   unsigned default_shards) {
  Placement placement{.shards = default_shards};
  UsageError error;
  if (!check_flag("--cpus", cpus, parse_cpu_list, placement.cpus, error)) {
    return std::unexpected(error);
  }
  if (cpus) placement.shards = static_cast<unsigned>(placement.cpus.size());

  const auto parse_shards = [](std::string_view text) {
    return parse_count(text, {.min = 1, .max = Runtime::shards_max});
  };
  if (!check_flag("--shards", shards, parse_shards, placement.shards, error)) {
    return std::unexpected(error);
  }
  if (cpus && placement.shards > placement.cpus.size()) {
    return usage_error(fmt::format("--shards {} needs as many CPUs, but --cpus {} has {}",
                                   placement.shards, *cpus, placement.cpus.size()));
  }
  return placement;
}

}  // namespace weir::tools
