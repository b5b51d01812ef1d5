// One receive into the caller's memory.
#include <algorithm>
#include <cerrno>

#include "reactor/epoll/epoll_reactor.h"
#include "reactor/epoll/epoll_read.h"
#include "weir/base/assert.h"

namespace weir::reactor {

void EpollReactor::start(ReceiveIntoOperation& operation) noexcept {
  WEIR_ASSERT(!operation.destination.empty());
  if (const int error = begin_reading(operation)) return finish_reader(operation, -error);
  Descriptor& descriptor = operation.descriptor();
  if (!descriptor.readable) return;
  if (direct_receives_left_ > 0) {
    --direct_receives_left_;
    serve_receive_into(descriptor, operation);
  } else {
    pending_.push_back(descriptor);
  }
}

void EpollReactor::serve_receive_into(Descriptor& descriptor,
                                      ReceiveIntoOperation& operation) noexcept {
  constexpr std::size_t bytes_max = std::size_t{1} << 30;  // the result is an int
  iovec piece{.iov_base = operation.destination.data(),
              .iov_len = std::min(operation.destination.size(), bytes_max)};
  const auto [bytes, filled, drained] = read(descriptor, {&piece, 1});
  if (drained) descriptor.readable = false;
  if (bytes == -EAGAIN) return;
  finish_reader(operation, static_cast<int>(bytes));
}

}  // namespace weir::reactor
