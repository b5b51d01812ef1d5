// What `weir serve exec --log` writes: a line for each request, who asked what and what came of it.
//
//     127.0.0.1:40112 2.6 ms "ls -l /nowhere" {"data_size": 41, "exit_status": 2, ...}
#pragma once

#include <string>
#include <string_view>

#include "weir/core/timer_queue.h"

namespace weir::tools::exec {

struct LogEntry {
  std::string_view peer;
  Duration elapsed;          ///< from the request to the reply
  std::string_view request;  ///< as it came: any bytes
  std::string_view outcome;  ///< the reply's header, or why there was none
};

/// One line without its end, whatever the request holds: quotes, backslashes and bytes that are not
/// printable ASCII are escaped as in JSON and C (`\"`, `\xNN`), and a long request is cut.
[[nodiscard]] std::string log_line(const LogEntry& entry);

}  // namespace weir::tools::exec
