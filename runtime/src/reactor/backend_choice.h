// The decision between the backends, apart from the machine it is made on.
#pragma once

#include <expected>
#include <string_view>

#include "reactor/uring/probe.h"
#include "weir/core/backend_report.h"

namespace weir::reactor {

/// What the decision is made from.
struct BackendEvidence {
  static constexpr int unknown = -1;

  const UringProbe* probe = nullptr;  ///< never null
  std::string_view environment{};     ///< WEIR_BACKEND; empty: not set
  int io_uring_disabled = unknown;  ///< kernel.io_uring_disabled: 0, 1, 2; unknown before Linux 6.6
};

using BackendDecision = std::expected<BackendReport, BackendRefusal>;

/// Pure. A wish of `automatic` consults the environment first, then takes io_uring where it works
/// and is the faster one, else epoll.
/// \returns  the report, or a refusal with `Error::option_invalid`: the environment names no
///           backend; `Error::backend_unavailable`: io_uring is forced and can't be had;
///           the system's error: io_uring is to be had, but not now (ENOMEM, EMFILE). Falling back
///           then would hide a want of capacity.
[[nodiscard]] BackendDecision decide_backend(Backend wish, const BackendEvidence& evidence);

}  // namespace weir::reactor
