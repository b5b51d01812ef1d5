// The flags that only `weir serve stall` takes: from argv to options. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tools/weir/common/usage_error.h"
#include "weir/core/timer_queue.h"

namespace CLI {
class App;
}

namespace weir::tools::serve {

struct RawStallFlags {
  std::optional<std::string> every{};
  std::optional<std::string> length{};  ///< --for

  bool operator==(const RawStallFlags&) const = default;
};

struct StallOptions {
  Duration every = std::chrono::seconds(1);
  Duration length = std::chrono::milliseconds(100);
};

void add_stall_flags(CLI::App& command, RawStallFlags& flags);

[[nodiscard]] Checked<StallOptions> validate_stall(const RawStallFlags& flags);

}  // namespace weir::tools::serve
