// What to run after a run: the report's last line.
#pragma once

#include <optional>
#include <string>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// A whole command line, quoted for a shell, with the flags about messages, connections and shards
/// that this run had. None where the report itself names the remedy.
[[nodiscard]] std::optional<std::string> next_command(const LoadReport& report);

}  // namespace weir::tools::load
