// What `weir doctor sockets` found out, and its two forms.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/text_style.h"
#include "tools/weir/doctor/socket_claims.h"

namespace weir::tools::doctor {

struct SocketReport {
  std::string version_line;
  std::string kernel_release;
  std::vector<SocketClaim> claims;
};

/// Tries everything out; takes a fraction of a second.
[[nodiscard]] SocketReport examine_sockets();

/// False if a claim could not be measured.
[[nodiscard]] bool is_complete(const SocketReport& report) noexcept;

/// For a person: a line a claim, at most 100 columns and, with the claims there are, 22 lines.
[[nodiscard]] std::string report_text(const SocketReport& report, TextStyle style);

/// Schema `weir.doctor.sockets/1`; later versions only add.
[[nodiscard]] std::string report_json(const SocketReport& report);

}  // namespace weir::tools::doctor
