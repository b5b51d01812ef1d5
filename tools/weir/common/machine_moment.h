// What others do on the machine at a moment: read before and after a measurement, because a load
// that came in between shows in neither alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/weir/common/system_files.h"

namespace weir::tools {

/// As the kernel has it; what could not be read is empty.
struct MachineMoment {
  std::string load_average{};
  std::string pressure_cpu{};
  std::string pressure_memory{};
  /// What the hypervisor took from all processors since they began, in ticks of
  /// sysconf(_SC_CLK_TCK).
  std::optional<std::uint64_t> stolen_ticks{};
};

[[nodiscard]] MachineMoment read_machine_moment(const SystemFiles& files);

/// What the hypervisor took between the two, in milliseconds. Nothing if either is unknown.
[[nodiscard]] std::optional<std::uint64_t> stolen_ms(const MachineMoment& before,
                                                     const MachineMoment& after);

}  // namespace weir::tools
