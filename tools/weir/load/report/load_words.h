// A run in words that text and HTML share.
#pragma once

#include <string>
#include <string_view>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// What kind of load it is, of how much, of what size.
[[nodiscard]] std::string load_words(const Options& options);
/// Backend, shards, CPUs, version.
[[nodiscard]] std::string place_words(const LoadReport& report);
/// `20 000/s of 20 000/s offered (100.0 %)`; in a closed loop only the first.
[[nodiscard]] std::string rate_words(const LoadReport& report);
/// How right answers were told from wrong ones: `every byte checked`. Empty if they were not.
[[nodiscard]] std::string_view checked_words(const Options& options);
/// `OK`, `SATURATED`, ...
[[nodiscard]] std::string_view verdict_heading(Verdict verdict) noexcept;

}  // namespace weir::tools::load
