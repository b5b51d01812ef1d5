// Whether a rate is the servers' or the load's.
#pragma once

#include <optional>
#include <string>

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

/// A sentence without a full stop if a rate with a target was measured, and beside some server the
/// load's one processor was busy all the time, with more to do for each unit of work than the
/// server's: that one's rate says what it leaves the load, and not what it could do.
[[nodiscard]] std::optional<std::string> load_limit_note(const CaseResult& result);

}  // namespace weir::tools::bench
