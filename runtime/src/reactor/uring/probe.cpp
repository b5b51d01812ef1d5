#include "reactor/uring/probe.h"

#include "reactor/uring/ring.h"

namespace weir::reactor {

const UringProbe& probe_uring() {
  static const UringProbe probe = [] {
    UringProbe result;
    Ring ring;
    if (const auto opened = ring.open({}); !opened) {
      result.setup_error = opened.error().value();
      return result;
    }
    result.defer_taskrun = (ring.setup_flags() & IORING_SETUP_DEFER_TASKRUN) != 0;
    result.registered_ring = ring.registered();
    result.extended_argument = result.no_iowait = result.multishot_accept = true;
    result.multishot_receive = result.incremental_buffers = true;
    result.good_enough = result.defer_taskrun;
    return result;
  }();
  return probe;
}

}  // namespace weir::reactor
