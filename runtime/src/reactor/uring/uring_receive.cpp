// Receive sources: one multishot request a stream, which takes memory from the buffer ring when
// there is something to put into it. An idle stream holds none.
#include <cerrno>
#include <utility>

#include "reactor/uring/operation_bits.h"
#include "reactor/uring/uring_reactor.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

bool is_full(const ReceiveSource& source) noexcept {
  return source.inbox.size() >= source.inbox_bytes_max;
}

}  // namespace

void UringReactor::start(ReceiveSource& source) noexcept {
  WEIR_ASSERT(!source.finished());
  begin(source);
  source.end = ReceiveSource::End::none;
  if (is_full(source)) return end_receive(source, ReceiveSource::End::full, 0);
  submit(source);
}

void UringReactor::prepare_receive(ReceiveSource& source, io_uring_sqe& entry) noexcept {
  const int fd = source.descriptor().fd;
  if (uring_.multishot_receive) {
    // IORING_RECV_MULTISHOT, Linux 6.0; else one receive at a time.
    io_uring_prep_recv_multishot(&entry, fd, nullptr, 0, 0);
  } else {
    io_uring_prep_recv(&entry, fd, nullptr, 0, 0);
  }
  entry.flags |= IOSQE_BUFFER_SELECT;
  entry.buf_group = BufferRing::group_id;
  ++receives_armed_;
}

void UringReactor::deliver_receive(ReceiveSource& source, const Completion& completion) noexcept {
  if ((completion.flags & IORING_CQE_F_BUFFER) == 0) return;
  const std::size_t size = completion.result > 0 ? static_cast<std::size_t>(completion.result) : 0;
  Buffer buffer = buffers_.take(completion.flags, size);
  if (size == 0) return;
  ++stats_.receives;
  stats_.bytes += size;
  source.inbox.append(std::move(buffer));
  notify(source);
  if (completion.more() && is_full(source) && !has(source, OperationBit::full)) {
    set(source, OperationBit::full);
    request_cancel(source);
  }
}

void UringReactor::conclude_receive(ReceiveSource& source, int result) noexcept {
  switch (result) {
    case 0:
      return end_receive(source, ReceiveSource::End::end_of_stream, 0);
    case -ENOBUFS:
    case -ECANCELED:
    case -EAGAIN:
    case -EINTR:
      break;
    default:
      if (result < 0) return end_receive(source, ReceiveSource::End::failed, result);
  }
  if (source.state() == Operation::State::cancelling) {
    return end_receive(source, ReceiveSource::End::stopped, 0);
  }
  if (is_full(source)) return end_receive(source, ReceiveSource::End::full, 0);
  if (result == -ENOBUFS) return starve(source);
  // Its owner consumed while it was being stopped, or the kernel ended it for reasons of its own,
  // or it was for one receive only.
  clear(source, OperationBit::full);
  ++stats_.sources_rearmed;
  submit(source);
}

void UringReactor::end_receive(ReceiveSource& source, ReceiveSource::End end, int result) noexcept {
  source.end = end;
  finish(source, result);
}

}  // namespace weir::reactor
