// What `weir exec` was asked to do, checked and typed.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "weir/core/timer_queue.h"
#include "weir/net/address.h"

namespace weir::tools::exec {

struct Options {
  Address server{};
  std::string command{};                        ///< one line, as it is sent
  Duration timeout = std::chrono::seconds(30);  ///< from connecting to the end of the answer
  std::size_t answer_bytes_max = std::size_t{64} << 20;
};

}  // namespace weir::tools::exec
