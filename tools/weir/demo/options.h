// What `weir demo` was asked to do, checked and typed.
#pragma once

#include <chrono>

namespace weir::tools::demo {

struct Options {
  std::chrono::nanoseconds duration = std::chrono::seconds(10);  ///< of all rounds together
};

}  // namespace weir::tools::demo
