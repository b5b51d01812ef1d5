// What `weir bench` was asked to do, checked and typed.
#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>

namespace weir::tools::bench {

enum class Suite : std::uint8_t { nagle };

enum class Effort : std::uint8_t {
  quick,  ///< minutes: short cells, few rounds
  full,
};

struct Options {
  Suite suite = Suite::nagle;
  Effort effort = Effort::quick;
  std::optional<std::regex> only{};  ///< cells whose description it finds
  std::string directory{};           ///< for the files; empty: none are written
  std::uint64_t seed = 1;            ///< of the order of the cells

  [[nodiscard]] bool selects(const std::string& cell) const {
    return !only || std::regex_search(cell, *only);
  }
};

}  // namespace weir::tools::bench
