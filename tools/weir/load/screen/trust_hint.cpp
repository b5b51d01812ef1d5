#include "tools/weir/load/screen/trust_hint.h"

#include <algorithm>
#include <chrono>

#include "tools/weir/load/trust/trust_check.h"

namespace weir::tools::load {
namespace {

// As the report's rules have them.
constexpr double busy_share_max = 0.9;
constexpr std::chrono::nanoseconds send_lag_min = std::chrono::microseconds(100);
constexpr double answered_share_min = 0.98;

bool is_send_lag_high(const ProgressSample& sample) noexcept {
  const double share_of_p99 = send_lag_share_max * static_cast<double>(sample.p99.count());
  return static_cast<double>(sample.send_lag_p99.count()) >
         std::max(static_cast<double>(send_lag_min.count()), share_of_p99);
}

/// Of a second alone this may be chance; with requests that wait for a connection it is not.
bool is_behind(const ProgressSample& sample) noexcept {
  return sample.queued > 0 && sample.rate < answered_share_min * *sample.offered_rate;
}

}  // namespace

std::string_view trust_hint(const ProgressSample& sample, unsigned shards) noexcept {
  if (sample.steal_share > steal_share_max) return "steal high";
  if (sample.generator_cpu_share > busy_share_max * std::max(shards, 1U)) return "generator busy";
  // A closed loop sends when it can: nothing is due.
  if (!sample.offered_rate) return trust_hint_ok;
  if (is_send_lag_high(sample)) return "send lag high";
  if (is_behind(sample)) return "behind";
  return trust_hint_ok;
}

}  // namespace weir::tools::load
