// Sends, in three ways:
//
//     direct    a system call in `start`: the cheapest for a turn with few of them that are awaited
//     instant   an entry with MSG_DONTWAIT: the kernel takes the bytes while it is submitted, and
//               only if it did not take all is there a completion. For many in a turn: this one or
//               the one before, whichever a trial shows to be cheaper
//     waiting   an entry without: completes when the socket buffer has taken some. For what the
//               other two could not get rid of
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <span>

#include "reactor/uring/operation_bits.h"
#include "reactor/uring/uring_reactor.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

/// What one send covers at most: it fits the result, and its completion comes while it is still of
/// use to somebody who waits for room.
constexpr std::size_t bytes_max = std::size_t{1} << 20;

/// What sends may hold on to while the shard sleeps.
constexpr std::size_t settle_later_bytes_max = std::size_t{256} << 10;
constexpr std::size_t settle_later_sends_max = 64;

std::size_t bytes_of(std::span<const iovec> vectors) noexcept {
  std::size_t bytes = 0;
  for (const iovec& vector : vectors) bytes += vector.iov_len;
  return bytes;
}

}  // namespace

bool UringReactor::goes_by_call(const SendOperation& operation, std::size_t batch) noexcept {
  if (batch < uring_.direct_sends_below) return operation.awaited;
  if (many_sends_ != ManySends::tried) return many_sends_ == ManySends::calls;
  if (is_stretch_of_sends_over_) end_stretch_of_sends();
  calls_instead_of_ring_.count();
  return calls_instead_of_ring_.is_other();
}

bool UringReactor::start(SendOperation& operation, std::size_t batch) noexcept {
  WEIR_ASSERT(!operation.queue->empty());
  const bool direct = goes_by_call(operation, batch);
  if (direct && !has(operation, OperationBit::congested) && send_direct(operation)) return true;
  const bool congested = has(operation, OperationBit::congested);
  begin(operation);
  if (congested) set(operation, OperationBit::congested);
  if (!congested && uring_.instant_sends) set(operation, OperationBit::instant);
  submit(operation);
  return false;
}

/// \returns false if the socket buffer is full
bool UringReactor::send_direct(SendOperation& operation) noexcept {
  std::array<iovec, SendScratch::gather_max> vectors;
  const std::size_t count = operation.queue->iovecs(vectors, bytes_max);
  const std::span<iovec> gather(vectors.data(), count);
  operation.bytes = bytes_of(gather);

  constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  const int fd = operation.descriptor().fd;
  ssize_t taken;
  do {
    ++stats_.system_calls;
    if (count == 1) {
      taken = ::send(fd, gather[0].iov_base, gather[0].iov_len, flags);
    } else {
      msghdr message{};
      message.msg_iov = gather.data();
      message.msg_iovlen = gather.size();
      taken = ::sendmsg(fd, &message, flags);
    }
  } while (taken < 0 && errno == EINTR);
  if (taken < 0) {
    if (errno == EAGAIN) set(operation, OperationBit::congested);
    operation.result = -errno;
    return errno != EAGAIN;
  }
  ++stats_.sends;
  stats_.bytes += static_cast<std::size_t>(taken);
  operation.result = static_cast<int>(taken);
  // Took less than offered: full. The next one need not try.
  if (static_cast<std::size_t>(taken) < operation.bytes) {
    set(operation, OperationBit::congested);
  }
  return true;
}

void UringReactor::prepare_send(SendOperation& operation, io_uring_sqe& entry) noexcept {
  const bool instant = has(operation, OperationBit::instant);
  const int flags = MSG_NOSIGNAL | (instant ? MSG_DONTWAIT | MSG_WAITALL : 0);
  const int fd = operation.descriptor().fd;
  const std::span<iovec> free_vectors = scratch_.free_vectors();
  const std::size_t count = operation.queue->iovecs(free_vectors, bytes_max);
  const std::span<iovec> gather = free_vectors.first(count);
  operation.bytes = bytes_of(gather);
  if (count == 1) {
    io_uring_prep_send(&entry, fd, gather[0].iov_base, gather[0].iov_len, flags);
  } else {
    io_uring_prep_sendmsg(&entry, fd, &scratch_.take(gather), static_cast<unsigned>(flags));
  }
  if (instant) {
    entry.flags |= IOSQE_CQE_SKIP_SUCCESS;
    instant_sends_.push_back(operation);
    instant_bytes_ += operation.bytes;
  }
}

void UringReactor::conclude_send(SendOperation& operation, int result) noexcept {
  const bool instant = has(operation, OperationBit::instant);
  clear(operation, OperationBit::instant);
  if (instant && result == -EAGAIN) {
    set(operation, OperationBit::congested);
    if (operation.state() == Operation::State::cancelling) return finish(operation, -ECANCELED);
    return submit(operation);
  }
  if (result >= 0) {
    ++stats_.sends;
    stats_.bytes += static_cast<std::size_t>(result);
    if (static_cast<std::size_t>(result) < operation.bytes) {
      set(operation, OperationBit::congested);
    } else {
      clear(operation, OperationBit::congested);
    }
  }
  finish(operation, result);
}

void UringReactor::unlist_instant(SendOperation& operation) noexcept {
  instant_sends_.remove(operation);
  instant_bytes_ -= operation.bytes;
}

/// Precondition: every entry has been submitted and every completion seen. The sends that are still
/// in the list were taken whole.
void UringReactor::settle_sends() noexcept {
  while (!instant_sends_.empty()) {
    auto& operation = static_cast<SendOperation&>(*instant_sends_.front());
    unlist_instant(operation);
    conclude_send(operation, static_cast<int>(operation.bytes));
  }
}

/// With the first send of a turn, when all that followed from those of the turn before has run: so
/// a stretch pays for what came of its own sends.
void UringReactor::end_stretch_of_sends() noexcept {
  is_stretch_of_sends_over_ = false;
  ++stats_.system_calls;
  calls_instead_of_ring_.end_stretch({.cpu = Trial::thread_cpu(), .work = stats_.bytes});
}

/// True if the shard may sleep although the sends that it submits then are not known to be done:
/// nobody waits for that, nor for the little memory that they hold meanwhile.
bool UringReactor::may_settle_later() const noexcept {
  if (instant_sends_.empty()) return true;
  if (instant_bytes_ > settle_later_bytes_max || !starved_.empty() || !pool_.can_acquire()) {
    return false;
  }
  // A look at each, so only while there are few: for many the second enter is cheaper.
  if (instant_sends_.size() > settle_later_sends_max) return false;
  return !instant_sends_.any_of([](const Operation& operation) {
    return static_cast<const SendOperation&>(operation).awaited;
  });
}

}  // namespace weir::reactor
