#include "tools/weir/load/trust/trust_check.h"

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
  }
  return {};
}

}  // namespace weir::tools::load
