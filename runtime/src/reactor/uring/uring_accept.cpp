// Accept sources: one multishot request a listener, or one request a connection where that is
// missing.
#include <sys/socket.h>

#include <cerrno>

#include "reactor/accept_error.h"
#include "reactor/uring/operation_bits.h"
#include "reactor/uring/uring_reactor.h"

namespace weir::reactor {
namespace {

/// The listener is fine, so the source goes on.
bool is_passing(int error) noexcept {
  return error == EINTR || error == EAGAIN || concerns_one_connection(error);
}

bool is_full(const AcceptSource& source) noexcept {
  return source.accepted.size() >= source.accepted_max;
}

}  // namespace

void UringReactor::start(AcceptSource& source) noexcept {
  begin(source);
  if (is_full(source)) return finish(source, 0);
  submit(source);
}

void UringReactor::prepare_accept(AcceptSource& source, io_uring_sqe& entry) noexcept {
  const int fd = source.descriptor().fd;
  if (uring_.multishot_accept) {
    // IORING_ACCEPT_MULTISHOT, Linux 5.19; else one at a time.
    io_uring_prep_multishot_accept(&entry, fd, nullptr, nullptr, SOCK_CLOEXEC);
  } else {
    io_uring_prep_accept(&entry, fd, nullptr, nullptr, SOCK_CLOEXEC);
  }
}

void UringReactor::deliver_accept(AcceptSource& source, const Completion& completion) noexcept {
  if (completion.result < 0) return;
  source.accepted.push_back(completion.result);
  notify(source);
  if (completion.more() && is_full(source) && !has(source, OperationBit::full)) {
    set(source, OperationBit::full);
    request_cancel(source);
  }
}

void UringReactor::conclude_accept(AcceptSource& source, int result) noexcept {
  const bool cancelling = source.state() == Operation::State::cancelling;
  if (result < 0 && result != -ECANCELED && !is_passing(-result)) {
    return finish(source, result);
  }
  if (cancelling || is_full(source)) return finish(source, 0);
  // Its owner took what was there while it was being stopped, or the kernel ended it for reasons of
  // its own, or it was for one connection only.
  clear(source, OperationBit::full);
  ++stats_.sources_rearmed;
  submit(source);
}

}  // namespace weir::reactor
