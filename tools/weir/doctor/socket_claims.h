// What the tutorial says about sockets, each claim tried out on this machine's loopback: a number,
// and whether the claim holds.
//
// Takes a fraction of a second, needs no privileges, leaves nothing behind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/weir/common/system_files.h"
#include "tools/weir/doctor/experiment.h"

namespace weir::tools::doctor {

enum class ClaimVerdict : std::uint8_t {
  holds,
  no_longer_holds,  ///< was so once, or on another system
  is_false,
  cannot_tell,  ///< it could not be measured; `measured` says why
};

/// `holds`, `no longer holds`, `false`, `cannot tell`.
[[nodiscard]] std::string_view to_text(ClaimVerdict verdict) noexcept;

struct SocketClaim {
  std::string name;   ///< for scripts: `tcp_buffer_default`
  std::string claim;  ///< at most 40 columns
  ClaimVerdict verdict = ClaimVerdict::cannot_tell;
  std::string measured;  ///< at most 41 columns, unless it is a failure
  /// The numbers in it, and more; empty if it could not be measured.
  std::vector<std::pair<std::string, std::int64_t>> values;
};

/// In reading order: buffers, close, states, boundaries.
[[nodiscard]] std::vector<SocketClaim> measure_socket_claims(const SystemFiles& files);

[[nodiscard]] std::vector<SocketClaim> measure_buffer_claims(const SystemFiles& files);
[[nodiscard]] std::vector<SocketClaim> measure_close_claims();
[[nodiscard]] std::vector<SocketClaim> measure_state_claims();
[[nodiscard]] std::vector<SocketClaim> measure_boundary_claims();

/// The claim as measured if the experiment worked, else what failed.
[[nodiscard]] SocketClaim conclude(const Experiment& experiment, SocketClaim claim);

/// A number in groups of three digits.
[[nodiscard]] std::string digits(std::int64_t number);

}  // namespace weir::tools::doctor
