// Self-tests: whether a feature of the kernel does here what this backend relies on.
//
// By behaviour, never by version: versions lie (backports), and a feature that the kernel accepts
// may still misbehave. Each test has sockets and a ring of its own, waits for nothing but the
// kernel, and takes some tens of microseconds.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace weir::reactor {

/// Why a feature is not used; none if it works.
struct Shortcoming {
  int error;           ///< with which the kernel refuses it, or 0: it misbehaves
  std::string detail;  ///< one clause
};

using Verdict = std::optional<Shortcoming>;

struct SelfTest {
  std::string_view name;    ///< as in the report
  std::string_view effect;  ///< what the feature does for us: one clause
  std::string_view remedy;  ///< what makes it available
  Verdict (*run)();
};

[[nodiscard]] Verdict test_ring();
[[nodiscard]] Verdict test_deferred_completions();
[[nodiscard]] Verdict test_registered_ring();
[[nodiscard]] Verdict test_wait_timeout();
[[nodiscard]] Verdict test_no_iowait();
[[nodiscard]] Verdict test_cancel();
[[nodiscard]] Verdict test_multishot_accept();
[[nodiscard]] Verdict test_buffer_ring();
[[nodiscard]] Verdict test_multishot_receive();
[[nodiscard]] Verdict test_multishot_datagrams();
[[nodiscard]] Verdict test_incremental_buffers();
[[nodiscard]] Verdict test_buffer_reordering();
[[nodiscard]] Verdict test_instant_send();
[[nodiscard]] Verdict test_zero_copy_send();

}  // namespace weir::reactor
