// What a relay has to say for itself: whether the round-trip time it promised can be believed.
#pragma once

#include <string>

#include "relay.h"

namespace delay_relay {

struct RelayReport {
  weir::Duration rtt{};
  bool is_realtime = false;   ///< it ran before all ordinary threads
  weir::Duration cpu_time{};  ///< what its thread used
  RelayCounts counts{};
  /// What the devices threw away before the relay read it, since they were made.
  std::uint64_t unread_to_server = 0;
  std::uint64_t unread_to_client = 0;
};

/// The p99 of lateness, of the worse direction, that a round-trip time still stands for.
inline constexpr double trusted_lateness_fraction = 0.05;

[[nodiscard]] weir::Duration lateness_p99(const RelayReport& report) noexcept;
/// Whether that is at most `trusted_lateness_fraction` of the round-trip time.
[[nodiscard]] bool is_trusted(const RelayReport& report) noexcept;

/// One line, without its end.
[[nodiscard]] std::string to_text(const RelayReport& report);
/// One JSON object; times in microseconds.
[[nodiscard]] std::string to_json(const RelayReport& report);

/// 1.5 ms, 20 us ...: the largest unit that leaves a whole part, three digits.
[[nodiscard]] std::string to_text(weir::Duration duration);
[[nodiscard]] double in_microseconds(weir::Duration duration);

}  // namespace delay_relay
