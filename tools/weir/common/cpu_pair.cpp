#include "tools/weir/common/cpu_pair.h"

#include <sched.h>

namespace weir::tools {

std::vector<int> allowed_cpus() {
  cpu_set_t allowed;
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<unsigned>(cpu), &allowed)) cpus.push_back(cpu);
  }
  return cpus;
}

CpuPair choose_cpu_pair() noexcept {
  cpu_set_t allowed;
  CpuPair cpus;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(static_cast<unsigned>(cpu), &allowed)) continue;
    if (cpus.server < 0) {
      cpus.server = cpu;
    } else {
      cpus.client = cpu;
      return cpus;
    }
  }
  return {};
}

void pin_thread(int cpu) noexcept {
  if (cpu < 0) return;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(static_cast<unsigned>(cpu), &only);
  (void)::sched_setaffinity(0, sizeof only, &only);
}

}  // namespace weir::tools
