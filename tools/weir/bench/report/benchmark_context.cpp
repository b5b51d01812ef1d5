#include "tools/weir/bench/report/benchmark_context.h"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/environment_json.h"
#include "tools/weir/common/version.h"

namespace weir::tools::bench {

Json benchmark_context(const Machine& machine, const std::string& command) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return {{"date", fmt::format("{:%Y-%m-%dT%H:%M:%S+00:00}", fmt::gmtime(now))},
          {"executable", "weir"},
          {"num_cpus", machine.cpus_online},
          {"command", command},
          {"program", version_line()},
          {"machine", environment_json(machine, SystemFiles())}};
}

}  // namespace weir::tools::bench
