// What `weir --version` prints, and what reports say they were made with.
#pragma once

#include <string>
#include <string_view>

namespace weir::tools {

/// `0.1.0`
[[nodiscard]] std::string_view version() noexcept;

/// `GCC 12.2.0` or `Clang 19.1.7`
[[nodiscard]] std::string_view compiler() noexcept;

/// `release` or `debug`: whether measurements made with this binary mean anything.
[[nodiscard]] std::string_view build_kind() noexcept;

/// `weir 0.1.0 (GCC 12.2.0, release)`
[[nodiscard]] std::string version_line();

}  // namespace weir::tools
