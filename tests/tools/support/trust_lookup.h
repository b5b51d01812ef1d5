// Finds what the rules of trust say of a report.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "tools/weir/load/trust/trust_check.h"

namespace weir::tools::load {

inline std::optional<TrustCheck> check_of(const LoadReport& report, TrustRule rule) {
  for (TrustCheck& check : check_trust(report)) {
    if (check.rule == rule) return std::move(check);
  }
  return std::nullopt;
}

inline std::vector<TrustRule> failed_rules(const LoadReport& report) {
  std::vector<TrustRule> failed;
  for (const TrustCheck& check : check_trust(report)) {
    if (!check.ok) failed.push_back(check.rule);
  }
  return failed;
}

}  // namespace weir::tools::load
