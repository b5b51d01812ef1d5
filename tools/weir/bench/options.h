// What `weir bench` was asked to do, checked and typed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools::bench {

enum class Suite : std::uint8_t { nagle, echo, framing, stream, churn, udp, idle, shards };

/// In the order in which `weir bench all` runs them.
[[nodiscard]] const std::vector<Suite>& all_suites();
[[nodiscard]] std::string_view to_text(Suite suite) noexcept;

enum class Effort : std::uint8_t {
  quick,  ///< minutes: short cells, few rounds
  full,
};

/// `quick`, `full`
[[nodiscard]] std::string_view to_text(Effort effort) noexcept;

struct Options {
  std::vector<Suite> suites{};  ///< at least one, each once
  Effort effort = Effort::quick;
  std::optional<std::regex> only{};        ///< cells whose description it finds
  std::optional<std::regex> contenders{};  ///< servers whose name it finds
  std::string contenders_text{};           ///< the same as it was given
  std::string directory{};                 ///< for the files; empty: none are written
  std::string baseline{};                  ///< an earlier result to compare with; empty: none
  std::uint64_t seed = 1;                  ///< of the order of the cells

  // Suites of servers; nagle has none of these.
  std::optional<unsigned> rounds{};   ///< instead of the effort's
  std::optional<double> precision{};  ///< 0.02: with it a case may end before its rounds
  std::optional<std::chrono::milliseconds> cell{};  ///< instead of the effort's
  std::string peers_directory{};                    ///< empty: where this program is
  std::string against{};  ///< another build's weir, which takes part; empty: none
  bool is_realtime = false;

  [[nodiscard]] bool selects(const std::string& cell_text) const {
    return !only || std::regex_search(cell_text, *only);
  }
  [[nodiscard]] bool admits(const std::string& contender) const {
    return !contenders || std::regex_search(contender, *contenders);
  }
};

/// `2%` of 0.02
[[nodiscard]] std::string precision_text(double fraction);

/// What to type to measure one case as these options do: `weir bench echo --only '^echo 64B-c1:'`.
[[nodiscard]] std::string command_for_case(const Options& options, std::string_view suite,
                                           std::string_view name);

}  // namespace weir::tools::bench
