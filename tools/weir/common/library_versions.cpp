#include "tools/weir/common/library_versions.h"

#include <dlfcn.h>

#include <fmt/format.h>

namespace weir::tools {
namespace {

/// Looked up and not linked: only programs have it, and not under a sanitizer.
int loaded_mimalloc() {
  using Version = int (*)();
  // POSIX promises that the void* of dlsym can be converted to the function's pointer.
  const auto version = reinterpret_cast<Version>(::dlsym(RTLD_DEFAULT, "mi_version"));
  return version == nullptr ? 0 : version();
}

}  // namespace

std::string mimalloc_version_text(int version) {
  // One digit each, as its header has them; what has more is not guessed at.
  if (version < 100 || version > 999) return std::to_string(version);
  return fmt::format("{}.{}.{}", version / 100, version / 10 % 10, version % 10);
}

std::vector<LibraryVersion> library_versions() {
  std::vector<LibraryVersion> found;
  if (constexpr std::string_view liburing = WEIR_LIBURING_VERSION; !liburing.empty()) {
    found.push_back({"liburing", std::string(liburing)});
  }
  if (const int mimalloc = loaded_mimalloc(); mimalloc != 0) {
    found.push_back({"mimalloc", mimalloc_version_text(mimalloc)});
  }
  return found;
}

std::string library_line() {
  std::string line;
  for (const LibraryVersion& library : library_versions()) {
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", library.name, library.version);
  }
  return line.empty() ? "none known" : line;
}

}  // namespace weir::tools
