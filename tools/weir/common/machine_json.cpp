#include "tools/weir/common/machine_json.h"

#include <nlohmann/json.hpp>

namespace weir::tools {

Json machine_json(const Machine& machine) {
  return {{"kernel_release", machine.kernel_release},
          {"cpu_model", machine.cpu_model},
          {"cpus_online", machine.cpus_online},
          {"cpus_allowed", machine.cpus_allowed},
          {"is_virtual", machine.is_virtual},
          {"governor", machine.governor},
          {"clock_source", machine.clock_source},
          {"congestion_control", machine.congestion_control},
          {"transparent_huge_pages", machine.huge_pages},
          {"load_average", machine.load_average}};
}

}  // namespace weir::tools
