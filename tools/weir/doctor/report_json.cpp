#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/doctor/report.h"

namespace weir::tools::doctor {
namespace {

Json features_json(const std::vector<BackendFeature>& features) {
  Json json = Json::array();
  for (const BackendFeature& feature : features) {
    json.push_back({{"name", feature.name},
                    {"state", to_string(feature.state)},
                    {"detail", feature.detail},
                    {"remedy", feature.remedy}});
  }
  return json;
}

Json backend_json(const DoctorReport& report) {
  if (!report.backend) {
    const BackendRefusal& refusal = report.backend.error();
    return {{"error", refusal.error.message()},
            {"reason", refusal.reason},
            {"remedy", refusal.remedy},
            {"warning", refusal.warning},
            {"features", features_json(refusal.features)}};
  }
  return {{"used", to_string(report.backend->backend)},
          {"reason", report.backend->reason},
          {"remedy", report.backend->remedy},
          {"warning", report.backend->warning},
          {"features", features_json(report.backend->features)}};
}

Json limits_json(const DoctorReport& report) {
  Json limits = Json::array();
  for (const LimitFinding& limit : report.limits) {
    limits.push_back({{"name", limit.name},
                      {"value", limit.value},
                      {"verdict", to_text(limit.verdict)},
                      {"reason", limit.reason},
                      {"remedy", limit.remedy}});
  }
  return limits;
}

}  // namespace

std::string report_json(const DoctorReport& report) {
  const Machine& machine = report.machine;
  return json_text({{"schema", "weir.doctor/1"},
                    {"version", report.version_line},
                    {"machine",
                     {{"kernel_release", machine.kernel_release},
                      {"cpu_model", machine.cpu_model},
                      {"cpus_online", machine.cpus_online},
                      {"cpus_allowed", machine.cpus_allowed},
                      {"is_virtual", machine.is_virtual}}},
                    {"backend", backend_json(report)},
                    {"limits", limits_json(report)}});
}

}  // namespace weir::tools::doctor
