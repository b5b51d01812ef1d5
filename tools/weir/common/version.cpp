#include "tools/weir/common/version.h"

#include <fmt/format.h>

#define WEIR_QUOTED(text) #text
#define WEIR_QUOTED_VALUE(macro) WEIR_QUOTED(macro)

namespace weir::tools {

std::string_view version() noexcept { return WEIR_VERSION; }

std::string_view compiler() noexcept {
#ifdef __clang__
  return "Clang " WEIR_QUOTED_VALUE(__clang_major__) "." WEIR_QUOTED_VALUE(
      __clang_minor__) "." WEIR_QUOTED_VALUE(__clang_patchlevel__);
#else
  return "GCC " WEIR_QUOTED_VALUE(__GNUC__) "." WEIR_QUOTED_VALUE(
      __GNUC_MINOR__) "." WEIR_QUOTED_VALUE(__GNUC_PATCHLEVEL__);
#endif
}

std::string_view build_kind() noexcept {
#if defined(__OPTIMIZE__) && !defined(WEIR_PLAIN_MALLOC)
  return "release";
#else
  return "debug";
#endif
}

std::string version_line() {
  return fmt::format("weir {} ({}, {})", version(), compiler(), build_kind());
}

}  // namespace weir::tools
