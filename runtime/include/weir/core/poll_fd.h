// Readiness of descriptors that weir does not own: pidfds, signalfds, pipes, other libraries'
// sockets.
#pragma once

#include "weir/base/result.h"
#include "weir/core/task.h"

namespace weir {

/// Waits until `fd` has one of the poll(2) `events` (POLLIN, POLLOUT, POLLPRI ...); POLLERR and
/// POLLHUP always count. The descriptor stays the caller's and must stay open meanwhile.
/// \returns the events that are there; the cancellation's reason; or poll's error.
[[nodiscard]] Task<Result<short>> poll_fd(int fd, short events);

}  // namespace weir
