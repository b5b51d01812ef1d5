#include "tools/weir/doctor/run.h"

#include "tools/weir/common/version.h"
#include "weir/core/run.h"

namespace weir::tools::doctor {
DoctorReport run() {
  const SystemFiles files;
  return {.version_line = version_line(),
          .machine = read_machine(files),
          .backend = explain_backend(),
          .limits = examine_limits(files)};
}

}  // namespace weir::tools::doctor
