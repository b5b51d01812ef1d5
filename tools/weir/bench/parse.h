// The flags of `weir bench` as text.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace weir::tools::bench {

struct RawFlags {
  std::optional<std::string> suite{};
  bool quick = false;
  bool full = false;
  std::optional<std::string> only{};
  std::optional<std::string> output{};
};

CLI::App& add_flags(CLI::App& program, RawFlags& flags);

}  // namespace weir::tools::bench
