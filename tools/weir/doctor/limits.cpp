#include "tools/weir/doctor/limits.h"

#include <iterator>

#include <fmt/format.h>

#include "tools/weir/doctor/limit_checks.h"

namespace weir::tools::doctor {

std::string_view to_text(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::will_hurt:
      return "will hurt";
    case Verdict::cannot_tell:
      return "cannot tell";
  }
  return {};
}

LimitFinding unknown_limit(std::string_view name, std::string_view path) {
  return {.name = std::string(name),
          .value = "unknown",
          .verdict = Verdict::cannot_tell,
          .reason = fmt::format("/{} cannot be read here", path)};
}

std::vector<LimitFinding> examine_limits(const SystemFiles& files) {
  std::vector<LimitFinding> findings = examine_process(files);
  for (auto&& part : {examine_network(files), examine_machine(files)}) {
    findings.insert(findings.end(), part.begin(), part.end());
  }
  return findings;
}

}  // namespace weir::tools::doctor
