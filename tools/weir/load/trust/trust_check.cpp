#include "tools/weir/load/trust/trust_check.h"

#include <array>
#include <optional>
#include <utility>

#include "tools/weir/load/trust/trust_rules.h"

namespace weir::tools::load {

std::string_view to_text(TrustRule rule) noexcept {
  switch (rule) {
    case TrustRule::offered_rate:
      return "offered_rate";
    case TrustRule::send_lag:
      return "send_lag";
    case TrustRule::generator_busy:
      return "generator_busy";
    case TrustRule::steal:
      return "steal";
    case TrustRule::pressure:
      return "pressure";
    case TrustRule::kernel_drops:
      return "kernel_drops";
    case TrustRule::connections:
      return "connections";
    case TrustRule::arrivals:
      return "arrivals";
    case TrustRule::steady:
      return "steady";
    case TrustRule::shared_cpus:
      return "shared_cpus";
    case TrustRule::latency_range:
      return "latency_range";
    case TrustRule::run_length:
      return "run_length";
    case TrustRule::optimized_build:
      return "optimized_build";
    case TrustRule::socket_buffers:
      return "socket_buffers";
    case TrustRule::nagle_stalls:
      return "nagle_stalls";
  }
  return {};
}

std::vector<TrustCheck> check_trust(const LoadReport& report) {
  constexpr std::array rules = {check_offered_rate,    check_send_lag,       check_generator_busy,
                                check_steal,           check_pressure,       check_kernel_drops,
                                check_connections,     check_arrivals,       check_steady,
                                check_shared_cpus,     check_latency_range,  check_run_length,
                                check_optimized_build, check_socket_buffers, check_nagle_stalls};
  std::vector<TrustCheck> checks;
  for (const auto rule : rules) {
    std::optional<TrustCheck> check = rule(report);
    if (!check) continue;
    if (check->ok) {
      check->remedy.clear();
    } else {
      check->remedy.insert(0, "try ");
    }
    checks.push_back(*std::move(check));
  }
  return checks;
}

}  // namespace weir::tools::load
