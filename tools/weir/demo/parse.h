// `weir demo`: from argv to raw flags. What the texts mean is for `validate`.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace weir::tools::demo {

struct RawFlags {
  std::optional<std::string> duration;
};

/// Adds the sub-command to `program`; parsing it fills `flags`, which must live that long.
CLI::App& add_flags(CLI::App& program, RawFlags& flags);

}  // namespace weir::tools::demo
