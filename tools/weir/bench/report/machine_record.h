// What others did on the machine while something was measured, and whether it was quiet before.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/json_text.h"
#include "tools/weir/common/machine_moment.h"
#include "tools/weir/doctor/limits.h"

namespace weir::tools::bench {

struct MachineRecord {
  MachineMoment before{};
  MachineMoment after{};
  std::vector<doctor::LimitFinding> noise{};  ///< what `weir bench doctor` said before it began
};

/// Adds `before`, `after`, `noise` and, if the kernel tells, `stolen_ms`.
void add_machine_record(Json& context, const MachineRecord& record);

/// Load and pressure before and after, and what the hypervisor took, in a sentence each; nothing of
/// what the kernel does not tell.
[[nodiscard]] std::string machine_record_text(const MachineRecord& record);

}  // namespace weir::tools::bench
