#include "tools/weir/bench/report/machine_record.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weir::tools::bench {
namespace {

Json moment_json(const MachineMoment& moment) {
  return {{"load_average", moment.load_average},
          {"pressure_cpu", moment.pressure_cpu},
          {"pressure_memory", moment.pressure_memory}};
}

std::string change_text(std::string_view what, const std::string& before,
                        const std::string& after) {
  if (before.empty() && after.empty()) return {};
  return fmt::format("{} before: {}; after: {}. ", what, before, after);
}

}  // namespace

void add_machine_record(Json& context, const MachineRecord& record) {
  Json noise = Json::array();
  for (const doctor::LimitFinding& finding : record.noise) {
    noise.push_back({{"name", finding.name},
                     {"value", finding.value},
                     {"verdict", doctor::to_text(finding.verdict)},
                     {"reason", finding.reason}});
  }
  context["before"] = moment_json(record.before);
  context["after"] = moment_json(record.after);
  context["noise"] = std::move(noise);
  if (const auto stolen = stolen_ms(record.before, record.after)) context["stolen_ms"] = *stolen;
}

std::string machine_record_text(const MachineRecord& record) {
  std::string text =
      change_text("Load average", record.before.load_average, record.after.load_average) +
      change_text("CPU pressure", record.before.pressure_cpu, record.after.pressure_cpu) +
      change_text("Memory pressure", record.before.pressure_memory, record.after.pressure_memory);
  if (const auto stolen = stolen_ms(record.before, record.after)) {
    text += fmt::format("Taken by the hypervisor meanwhile: {} ms.", *stolen);
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace weir::tools::bench
