// Makes ring reactors with given features, for tests and measurements.
#pragma once

#include <memory>

#include "reactor/reactor.h"
#include "reactor/uring/options.h"

namespace weir::reactor {

[[nodiscard]] Result<std::unique_ptr<Reactor>> make_uring_reactor(const ReactorOptions& options,
                                                                  const UringOptions& uring);

}  // namespace weir::reactor
