// What `weir serve exec` was asked to do, checked and typed.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "tools/weir/exec/allow_list.h"
#include "tools/weir/exec/request_splitter.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::exec {

struct ServiceOptions {
  std::vector<AllowedName> allowed{};
  RequestEnd request_end = RequestEnd::read;
  Duration time_limit = std::chrono::seconds(10);  ///< of a command; also of waiting for its turn
  std::size_t output_bytes_max = std::size_t{1} << 20;  ///< of a command, both pipes together
  std::size_t concurrency = 8;                          ///< commands that run at once
  bool is_logged = false;                               ///< a line for each request on stderr
};

}  // namespace weir::tools::exec
