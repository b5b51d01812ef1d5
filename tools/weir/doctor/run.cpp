#include "tools/weir/doctor/run.h"

#include "tools/weir/common/version.h"
#include "weir/core/run.h"

namespace weir::tools::doctor {
namespace {

std::expected<BackendReport, std::string> find_backend() {
  auto found = backend_report();
  if (!found) return std::unexpected(found.error().message());
  return *std::move(found);
}

}  // namespace

DoctorReport run() {
  const SystemFiles files;
  return {.version_line = version_line(),
          .machine = read_machine(files),
          .backend = find_backend(),
          .limits = examine_limits(files)};
}

}  // namespace weir::tools::doctor
