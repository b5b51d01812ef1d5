#include "tools/weir/doctor/socket_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/common/machine.h"
#include "tools/weir/common/version.h"

namespace weir::tools::doctor {
namespace {

constexpr std::size_t verdict_columns = 15;
constexpr std::size_t claim_columns = 40;
constexpr std::size_t measured_columns = 41;

Emphasis emphasis_of(ClaimVerdict verdict) noexcept {
  switch (verdict) {
    case ClaimVerdict::holds:
      return Emphasis::good;
    case ClaimVerdict::no_longer_holds:
    case ClaimVerdict::cannot_tell:
      return Emphasis::doubtful;
    case ClaimVerdict::is_false:
      return Emphasis::bad;
  }
  return Emphasis::faint;
}

auto count(const SocketReport& report, ClaimVerdict verdict) noexcept {
  return std::count_if(report.claims.begin(), report.claims.end(),
                       [verdict](const SocketClaim& claim) { return claim.verdict == verdict; });
}

std::string print(const SocketClaim& claim, TextStyle style) {
  const std::string_view verdict = to_text(claim.verdict);
  const std::string padding(verdict_columns - std::min(verdict_columns, verdict.size()), ' ');
  return fmt::format("{}{}  {:<{}}  {}\n", emphasize(verdict, emphasis_of(claim.verdict), style),
                     padding, claim.claim, claim_columns,
                     std::string_view(claim.measured).substr(0, measured_columns));
}

std::string print_summary(const SocketReport& report) {
  std::string text = fmt::format("{} of {} claims hold, {} no longer hold, {} are false",
                                 count(report, ClaimVerdict::holds), report.claims.size(),
                                 count(report, ClaimVerdict::no_longer_holds),
                                 count(report, ClaimVerdict::is_false));
  if (const auto unknown = count(report, ClaimVerdict::cannot_tell); unknown != 0) {
    text += fmt::format(", {} could not be measured", unknown);
  }
  return text + ".\n";
}

}  // namespace

SocketReport examine_sockets() {
  const SystemFiles files;
  return {.version_line = version_line(),
          .kernel_release = read_machine(files).kernel_release,
          .claims = measure_socket_claims(files)};
}

bool is_complete(const SocketReport& report) noexcept {
  return count(report, ClaimVerdict::cannot_tell) == 0;
}

std::string report_text(const SocketReport& report, TextStyle style) {
  std::string text = fmt::format("{} on Linux {}\n", report.version_line, report.kernel_release);
  text += emphasize("What is said about sockets, measured on loopback (sizes in bytes)",
                    Emphasis::strong, style);
  text += '\n';
  for (const SocketClaim& claim : report.claims) text += print(claim, style);
  return text + print_summary(report);
}

std::string report_json(const SocketReport& report) {
  Json claims = Json::array();
  for (const SocketClaim& claim : report.claims) {
    Json values = Json::object();
    for (const auto& [name, value] : claim.values) values[name] = value;
    claims.push_back({{"name", claim.name},
                      {"claim", claim.claim},
                      {"verdict", to_text(claim.verdict)},
                      {"measured", claim.measured},
                      {"values", values}});
  }
  return json_text({{"schema", "weir.doctor.sockets/1"},
                    {"version", report.version_line},
                    {"kernel_release", report.kernel_release},
                    {"claims", claims}});
}

}  // namespace weir::tools::doctor
