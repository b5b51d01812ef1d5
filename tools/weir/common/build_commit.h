// What this program was built from, for reports.
#pragma once

#include <string_view>

namespace weir::tools {

/// `956d0e6c1a2b`, with `-dirty` if files differed from it; `unknown` outside of a repository.
[[nodiscard]] std::string_view build_commit() noexcept;

/// Flags of the build's type, without those of sanitizers: `-O2 -g1 -DNDEBUG`.
[[nodiscard]] std::string_view build_flags() noexcept;

}  // namespace weir::tools
