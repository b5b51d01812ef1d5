// `weir exec`: from argv to raw flags. What the texts mean is for `validate`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace weir::tools::exec {

struct RawFlags {
  std::optional<std::string> server{};
  std::vector<std::string> command{};
  std::optional<std::string> timeout{};
  std::optional<std::string> output_limit{};
};

/// Adds the sub-command to `program`; parsing it fills `flags`, which must live that long.
CLI::App& add_flags(CLI::App& program, RawFlags& flags);

}  // namespace weir::tools::exec
