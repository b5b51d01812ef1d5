#include "weir/base/assert.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace weir::detail {

void assertion_failed(const char* condition, const char* file, int line,
                      const char* function) noexcept {
  const char* const slash = std::strrchr(file, '/');
  std::fprintf(stderr, "weir: assertion failed: %s at %s:%d (%s)\n", condition,
               slash == nullptr ? file : slash + 1, line, function);
  std::abort();
}

void fatal(const char* message, ...) noexcept {
  std::va_list arguments;
  va_start(arguments, message);
  std::fputs("weir: fatal: ", stderr);
  std::vfprintf(stderr, message, arguments);
  std::fputc('\n', stderr);
  va_end(arguments);
  std::abort();
}

}  // namespace weir::detail
