// What the cells of the Nagle study say, in sentences. Each comes from the cells that it names and
// says what they say, also where that is not what theory expects.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/nagle/cell_metrics.h"

namespace weir::tools::bench {

/// How the numbers stand to theory. In this order, so that the worst of several is the largest.
enum class Outcome : std::uint8_t {
  expected,   ///< they are what theory expects, or it expects nothing in particular
  not_shown,  ///< they leave it open
  opposite,   ///< they contradict it
};

/// `expected`, `not_shown`, `opposite`.
[[nodiscard]] std::string_view to_text(Outcome outcome) noexcept;
/// What stands before a sentence, for those who only look for that: nothing if it is expected.
[[nodiscard]] std::string_view mark_of(Outcome outcome) noexcept;

struct Finding {
  std::string scenario;
  std::string path;
  std::string sentence;
  Outcome outcome = Outcome::expected;
};

[[nodiscard]] std::vector<Finding> findings_of(std::span<const CellSummary> cells);

/// Why this host is not fit for the study: it shows no stall where theory says that there must be
/// one, or one where there cannot be any. `nullopt` if it is fit.
[[nodiscard]] std::optional<std::string> self_check(std::span<const CellSummary> cells);

}  // namespace weir::tools::bench
