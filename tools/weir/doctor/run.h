// `weir doctor`: asks the runtime which backend it would use, and the system for its limits.
#pragma once

#include "tools/weir/doctor/report.h"

namespace weir::tools::doctor {

[[nodiscard]] DoctorReport run();

}  // namespace weir::tools::doctor
