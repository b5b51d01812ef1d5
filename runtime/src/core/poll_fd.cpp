#include "weir/core/poll_fd.h"

#include "core/operation_wait.h"

namespace weir {

Task<Result<short>> poll_fd(int fd, short events) {
  reactor::Descriptor descriptor(fd);
  detail::OperationWait<reactor::PollOperation> wait(descriptor);
  wait.operation().events = events;
  const Result<int> seen = co_await wait;
  Shard::current().reactor().forget(descriptor);
  if (!seen) co_return std::unexpected(seen.error());
  co_return static_cast<short>(*seen);
}

}  // namespace weir
