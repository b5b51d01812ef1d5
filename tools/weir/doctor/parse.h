// `weir doctor`: from argv to raw flags.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace weir::tools::doctor {

struct RawFlags {
  std::optional<std::string> subject{};
  bool json = false;
};

/// Adds the sub-command to `program`; parsing it fills `flags`, which must live that long.
CLI::App& add_flags(CLI::App& program, RawFlags& flags);

}  // namespace weir::tools::doctor
