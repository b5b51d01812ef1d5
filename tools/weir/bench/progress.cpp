#include "tools/weir/bench/progress.h"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

namespace weir::tools::bench {

void show_progress(std::string_view line) {
  if (::isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r\033[K{:.78}", line);
  std::fflush(stderr);
}

void clear_progress() {
  if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
}

}  // namespace weir::tools::bench
