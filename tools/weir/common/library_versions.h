// The libraries below the runtime that can change what is measured, for reports. Of OpenSSL nothing
// is said: nothing here links it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::tools {

struct LibraryVersion {
  std::string_view name;
  std::string version;
};

/// liburing as it was when this was compiled, most of which is inline; mimalloc as it is loaded. A
/// library that is not there, or does not tell, is left out: mimalloc under a sanitizer.
[[nodiscard]] std::vector<LibraryVersion> library_versions();

/// `liburing 2.3, mimalloc 2.0.9`; `none known`
[[nodiscard]] std::string library_line();

/// What `mi_version()` returns, 209, as people write it: `2.0.9`.
[[nodiscard]] std::string mimalloc_version_text(int version);

}  // namespace weir::tools
