// Whether Nagle's algorithm made answers late: TcpStream::set_nodelay says what counts. That may
// be just what the run was to show, so it is a note.
#include <fmt/format.h>

#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/trust/trust_rules.h"

namespace weir::tools::load {

std::optional<TrustCheck> check_nagle_stalls(const LoadReport& report) {
  if (report.options.sockets.nodelay.value_or(true)) return std::nullopt;
  TrustCheck check{.rule = TrustRule::nagle_stalls,
                   .ok = report.nagle_stalls == 0,
                   .weight = TrustWeight::note,
                   .value = static_cast<double>(report.nagle_stalls),
                   .limit = 0,
                   .unit = "count",
                   .text = "no connection waited for Nagle's algorithm"};
  if (check.ok) return check;
  check.text = fmt::format(
      "{} waited for answers because Nagle's algorithm held a part of a request back until the "
      "part before was acknowledged",
      plural(report.nagle_stalls, "connection"));
  check.remedy = "--nodelay on";
  return check;
}

}  // namespace weir::tools::load
