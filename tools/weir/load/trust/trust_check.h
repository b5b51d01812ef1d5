// The rules by which a run is believed: each a number beside its limit, with the remedy if it
// fails. docs/load.md lists them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools::load {

struct LoadReport;

/// Limits that the screen of a load under way has as well.
inline constexpr double steal_share_max = 0.02;
inline constexpr double send_lag_share_max =
    0.2;  ///< of the response time, percentile by percentile

enum class TrustRule : std::uint8_t {
  offered_rate,     ///< what was due could be sent: the generator kept up
  send_lag,         ///< requests left when they were due
  generator_busy,   ///< a shard had time left to look for answers
  steal,            ///< the hypervisor took processor time
  pressure,         ///< others wanted the processors (PSI)
  kernel_drops,     ///< the kernel lost something that was ours
  connections,      ///< as many as were asked for
  arrivals,         ///< the gaps of the schedule were those of the arrival process
  steady,           ///< the thirds of the run agree
  shared_cpus,      ///< generator and server had processors of their own
  latency_range,    ///< no latency was beyond the histogram
  run_length,       ///< long enough to say something
  optimized_build,  ///< this program is a release build
  socket_buffers,   ///< the kernel granted the receive buffers that were asked for
  nagle_stalls,     ///< no half of a request waited for the other half's acknowledgement
};

/// `offered_rate`, `send_lag`, ...: also the word in JSON.
[[nodiscard]] std::string_view to_text(TrustRule rule) noexcept;

/// How much a failed rule weighs.
enum class TrustWeight : std::uint8_t {
  note,  ///< worth knowing; the numbers stand
  veto,  ///< the numbers may be the generator's or the machine's, not the server's: untrusted
};

struct TrustCheck {
  TrustRule rule = TrustRule::offered_rate;
  bool ok = true;
  TrustWeight weight = TrustWeight::veto;
  double value = 0;  ///< in `unit`
  double limit =
      0;  ///< what `value` must not pass; for ratios that must be reached, not fall below
  std::string unit{};    ///< "ns", "ratio", "count", "bytes"
  std::string text{};    ///< one sentence: what was measured, and if it failed what it means
  std::string remedy{};  ///< what to do; empty if ok
};

/// Every rule that applies to the run, in the order of the enumeration.
[[nodiscard]] std::vector<TrustCheck> check_trust(const LoadReport& report);

}  // namespace weir::tools::load
