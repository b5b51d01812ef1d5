// The flags of `weir bench` as text.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace weir::tools::bench {

struct RawFlags {
  std::vector<std::string> words{};  ///< suites, or another job and what belongs to it
  bool quick = false;
  bool full = false;
  std::optional<std::string> only{};
  std::optional<std::string> contenders{};
  std::optional<std::string> rounds{};
  std::optional<std::string> precision{};
  std::optional<std::string> cell{};
  std::optional<std::string> seed{};
  std::optional<std::string> bin{};
  std::optional<std::string> against{};
  std::optional<std::string> baseline{};
  bool realtime = false;
  std::optional<std::string> output{};
};

CLI::App& add_flags(CLI::App& program, RawFlags& flags);

}  // namespace weir::tools::bench
