// What `weir doctor` found out, and its two forms.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "tools/weir/common/machine.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/doctor/limits.h"
#include "weir/core/backend_report.h"

namespace weir::tools::doctor {

struct DoctorReport {
  std::string version_line;
  Machine machine;
  std::expected<BackendReport, BackendRefusal> backend;
  std::vector<LimitFinding> limits;
};

/// For a person: at most 80 columns unless a single word or command is longer.
[[nodiscard]] std::string report_text(const DoctorReport& report, TextStyle style);

/// Schema `weir.doctor/1`; later versions only add.
[[nodiscard]] std::string report_json(const DoctorReport& report);

}  // namespace weir::tools::doctor
