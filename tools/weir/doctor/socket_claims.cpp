#include "tools/weir/doctor/socket_claims.h"

#include <iterator>

#include "tools/weir/common/count.h"

namespace weir::tools::doctor {

std::string_view to_text(ClaimVerdict verdict) noexcept {
  switch (verdict) {
    case ClaimVerdict::holds:
      return "holds";
    case ClaimVerdict::no_longer_holds:
      return "no longer holds";
    case ClaimVerdict::is_false:
      return "false";
    case ClaimVerdict::cannot_tell:
      return "cannot tell";
  }
  return {};
}

std::vector<SocketClaim> measure_socket_claims(const SystemFiles& files) {
  std::vector<SocketClaim> claims = measure_buffer_claims(files);
  for (auto&& part : {measure_close_claims(), measure_state_claims(), measure_boundary_claims()}) {
    claims.insert(claims.end(), part.begin(), part.end());
  }
  return claims;
}

SocketClaim conclude(const Experiment& experiment, SocketClaim claim) {
  if (experiment.failure().empty()) return claim;
  claim.verdict = ClaimVerdict::cannot_tell;
  claim.measured = experiment.failure();
  claim.values.clear();
  return claim;
}

std::string digits(std::int64_t number) {
  return number < 0 ? '-' + digits(-number) : format_count(static_cast<std::uint64_t>(number));
}

}  // namespace weir::tools::doctor
