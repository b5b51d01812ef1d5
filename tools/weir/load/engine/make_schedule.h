// The schedules that a run's options ask for.
#pragma once

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/plan/schedule.h"

namespace weir::tools::load {

/// What is measured. Precondition: the load is open. Error: the trace can't be opened.
[[nodiscard]] Checked<Schedule> make_schedule(const Options& options, const SchedulePart& part);

/// What warms up for it: its arrivals at the rate of its beginning, as long as they are asked for.
[[nodiscard]] Schedule make_warm_up_schedule(const Options& options, const SchedulePart& part);

}  // namespace weir::tools::load
