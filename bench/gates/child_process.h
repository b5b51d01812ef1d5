// Runs a function in a process of its own, so that nothing it leaves behind meets the next one.
#pragma once

#include <functional>

#include "bench/gates/balance.h"
#include "weir/base/result.h"

namespace weir::gates {

/// What `function` yields in a child of this process, which has to have no other thread. ECHILD if
/// the child did not live to tell. An error of the library's own keeps its code.
[[nodiscard]] Result<Balance> in_child_process(const std::function<Result<Balance>()>& function);

}  // namespace weir::gates
