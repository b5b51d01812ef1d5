#include "tools/weir/bench/doctor/doctor_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "tools/weir/doctor/entry_text.h"

namespace weir::tools::bench {

std::string doctor_text(const std::vector<doctor::LimitFinding>& findings, TextStyle style) {
  const auto hurting =
      std::ranges::count(findings, doctor::Verdict::will_hurt, &doctor::LimitFinding::verdict);
  std::string text = doctor::limits_text("NOISE", findings, style);
  if (hurting == 0) return text + "\nNothing found that makes measurements noisy.\n";
  return text + fmt::format(
                    "\n{} of {} make measurements noisy. Ratios within one run stand more "
                    "of it than times do.\n",
                    hurting, findings.size());
}

}  // namespace weir::tools::bench
