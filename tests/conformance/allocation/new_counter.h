// Counts what operator new is asked for, on every thread: this binary's operators are replaced.
#pragma once

#include <cstdint>

namespace weir::test {

/// Calls of operator new, in all its forms, since the process began.
[[nodiscard]] std::uint64_t new_count() noexcept;

}  // namespace weir::test
