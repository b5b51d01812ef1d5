// Why something could not be set up: what was tried, on what, and what the kernel said.
#pragma once

#include <cerrno>
#include <expected>
#include <string>
#include <system_error>
#include <utility>

#include "weir/weir.h"

namespace delay_relay {

struct Problem {
  std::string what;       ///< "cannot open /dev/net/tun"
  std::error_code why{};  ///< what the kernel said; none: `what` says it all

  [[nodiscard]] std::string to_string() const { return why ? what + ": " + why.message() : what; }
};

template <typename T>
using OrProblem = std::expected<T, Problem>;

/// The problem of a system call that has just failed.
[[nodiscard]] inline std::unexpected<Problem> failed(std::string what) {
  const int error = errno;
  return std::unexpected(Problem{.what = std::move(what), .why = weir::from_errno(error)});
}

}  // namespace delay_relay
