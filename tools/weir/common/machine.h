// The machine a measurement was made on: what a reader needs to judge the numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/network_interface.h"
#include "tools/weir/common/system_files.h"

namespace weir::tools {

/// What could not be read is empty or 0.
struct Machine {
  std::string kernel_release{};
  std::string cpu_model{};
  unsigned cpus_online = 0;
  unsigned cpus_allowed = 0;  ///< to this process
  std::string governor{};     ///< empty where the frequency is not ours to control
  std::string clock_source{};
  std::string congestion_control{};
  std::string huge_pages{};  ///< the whole line, `always [madvise] never`
  std::string load_average{};
  bool is_virtual = false;  ///< a hypervisor is below
  /// `read_network_interfaces`; `read_machine` leaves it empty, as no file has it.
  std::vector<NetworkInterface> interfaces{};
};

[[nodiscard]] Machine read_machine(const SystemFiles& files);

/// How many numbers a list in the kernel's notation (`0-3,8`) has; 0 if it is none.
[[nodiscard]] unsigned count_cpus(std::string_view list) noexcept;

/// `Linux 6.18.5, 2 CPUs, AMD EPYC 9B14, virtual`
[[nodiscard]] std::string describe(const Machine& machine);

}  // namespace weir::tools
