#include "tools/weir/exec/request_log.h"

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/exec/quoted_text.h"

namespace weir::tools::exec {

std::string log_line(const LogEntry& entry) {
  return fmt::format("{} {} {} {}", entry.peer, format_duration(entry.elapsed, TextStyle{}),
                     quoted_text(entry.request), entry.outcome);
}

}  // namespace weir::tools::exec
