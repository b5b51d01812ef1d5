// Whether to believe what is on the screen, in a word or three. The report's trust rules say it
// with numbers and a remedy (trust_check.h).
#pragma once

#include <string_view>

#include "tools/weir/load/screen/progress.h"

namespace weir::tools::load {

inline constexpr std::string_view trust_hint_ok = "ok";

/// What most puts this second in doubt: `ok`, `steal high`, `generator busy`, `send lag high`, or
/// `behind`: less is answered than is due, so the server, not the rate, is measured.
/// \param shards  threads of the generator, each with a CPU to use up
[[nodiscard]] std::string_view trust_hint(const ProgressSample& sample, unsigned shards) noexcept;

}  // namespace weir::tools::load
