// The flags that only `weir serve work` takes: from argv to options. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/serve/service_time.h"

namespace CLI {
class App;
}

namespace weir::tools::serve {

struct RawWorkFlags {
  std::optional<std::string> service_time{};
  std::optional<std::string> seed{};
  std::optional<std::string> message_bytes{};

  bool operator==(const RawWorkFlags&) const = default;
};

struct WorkOptions {
  ServiceTime service_time{};
  std::uint64_t seed = 1;
  std::size_t message_bytes = 64;
};

void add_work_flags(CLI::App& command, RawWorkFlags& flags);

[[nodiscard]] Checked<WorkOptions> validate_work(const RawWorkFlags& flags);

}  // namespace weir::tools::serve
