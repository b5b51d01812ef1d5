// The result of everything that can fail for a reason outside the program: a value or an error.
#pragma once

#include <expected>
#include <system_error>

#include "weir/base/error.h"

namespace weir {

/// A `T`, or the reason there is none. "Not yet" and "end of stream" are part of `T`, not errors.
template <class T = void>
using Result = std::expected<T, std::error_code>;

/// For `return fail(...)` from a function that returns a `Result`.
[[nodiscard]] inline std::unexpected<std::error_code> fail(std::error_code error) noexcept {
  return std::unexpected(error);
}

[[nodiscard]] inline std::unexpected<std::error_code> fail(Error error) noexcept {
  return std::unexpected(make_error_code(error));
}

/// For a positive errno value, as a system call leaves it.
[[nodiscard]] inline std::unexpected<std::error_code> fail_errno(int positive_errno) noexcept {
  return std::unexpected(from_errno(positive_errno));
}

}  // namespace weir
