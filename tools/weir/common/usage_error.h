// What is wrong with a command line, in words. `main` prints it behind the name of the sub-command
// and exits with 2.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace weir::tools {

/// One sentence without a full stop: what is wrong, on what, and what to try.
struct UsageError {
  std::string message;
};

template <class T>
using Checked = std::expected<T, UsageError>;

[[nodiscard]] inline std::unexpected<UsageError> usage_error(std::string message) {
  return std::unexpected(UsageError{std::move(message)});
}

}  // namespace weir::tools
