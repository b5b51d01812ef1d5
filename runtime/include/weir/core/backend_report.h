// Which backend a runtime drives its sockets with, which kernel features it uses, and why not the
// others.
//
// Nothing here is decided by kernel version: every feature is tried on this machine, once a
// process, by a small behavioural self-test on sockets of its own (a few milliseconds in all).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "weir/base/result.h"

namespace weir {

/// How a runtime talks to the kernel.
enum class Backend : std::uint8_t {
  automatic,  ///< io_uring where it works and pays, else epoll; `WEIR_BACKEND=io_uring|epoll`
              ///< decides instead
  io_uring,   ///< forced: an error where it is not available
  epoll,      ///< forced
};

/// "auto", "io_uring" or "epoll".
[[nodiscard]] std::string_view to_string(Backend backend) noexcept;

/// The inverse of `to_string`; `Error::option_invalid` for anything else.
[[nodiscard]] Result<Backend> parse_backend(std::string_view text) noexcept;

enum class FeatureState : std::uint8_t {
  used,
  unused,            ///< works here, not needed by this backend or not chosen
  unavailable,       ///< the kernel refused it; `detail` holds the error
  failed_self_test,  ///< the kernel accepted it and then misbehaved; `detail` says how
  disabled,          ///< switched off by `WEIR_DISABLE` or by an option
};

[[nodiscard]] std::string_view to_string(FeatureState state) noexcept;

struct BackendFeature {
  std::string name;  ///< e.g. "multishot receive"; also what `WEIR_DISABLE` takes, with '-' for ' '
  FeatureState state;
  std::string detail;  ///< one clause: what it does, or why it is not used
  std::string
      remedy;  ///< what would make it available; empty if nothing would, or nothing is needed
};

/// What was chosen and why. Queryable at any time; also a line of the log at the start of a run
/// (`summary`, to RuntimeOptions::log).
struct BackendReport {
  Backend backend = Backend::automatic;  ///< what is used: io_uring or epoll, never automatic
  std::string reason;                    ///< one sentence
  std::string remedy;  ///< what would make the better backend available; may be empty
  std::vector<BackendFeature> features;  ///< of io_uring, whichever backend was chosen
  /// One sentence: what `WEIR_DISABLE` lists and is the name of no feature, so that it switches
  /// nothing off. Empty if there is none.
  std::string warning{};
};

/// Why no backend can be used.
struct BackendRefusal {
  std::error_code error;  ///< what `run` fails with
  std::string reason;     ///< one sentence: what was asked for and why it can't be had
  std::string remedy;     ///< what would help; may be empty
  std::vector<BackendFeature> features;  ///< of io_uring, as far as they can be told
  std::string warning{};                 ///< as in the report
};

/// One line: "backend io_uring: ...; features: multishot receive, ...; not: ... (why); warning:
/// ...".
[[nodiscard]] std::string summary(const BackendReport& report);

}  // namespace weir
