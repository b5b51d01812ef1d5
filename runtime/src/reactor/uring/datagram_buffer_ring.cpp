#include "reactor/uring/datagram_buffer_ring.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <bit>
#include <cstring>

#include "reactor/datagram/control_message.h"
#include "reactor/uring/uapi.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

constexpr std::size_t memory_page_bytes = 4096;
/// More than a sockaddr_in6, so that control messages are aligned.
constexpr std::size_t peer_bytes = 32;
constexpr std::size_t arrival_header_bytes =
    sizeof(io_uring_recvmsg_out) + peer_bytes + receive_control_bytes;
/// No datagram is larger, nor a train of them.
constexpr std::size_t payload_bytes = std::size_t{64} << 10;
constexpr std::size_t arrival_bytes_max = arrival_header_bytes + payload_bytes;
/// Buffers that all began a page would meet in the same lines of the first-level cache.
constexpr std::size_t stagger_bytes = 192;
constexpr std::size_t stride_bytes = 17 * memory_page_bytes + stagger_bytes;
constexpr std::size_t memory_bytes = DatagramBufferRing::buffers_count * stride_bytes;

static_assert(peer_bytes >= InternetAddress::storage_bytes);
static_assert((sizeof(io_uring_recvmsg_out) + peer_bytes) % alignof(cmsghdr) == 0);
static_assert(arrival_bytes_max <= stride_bytes);

}  // namespace

DatagramBufferRing::DatagramBufferRing(Ring& ring) noexcept : ring_(ring) {
  shape_.msg_namelen = peer_bytes;
  shape_.msg_controllen = receive_control_bytes;
}

DatagramBufferRing::~DatagramBufferRing() {
  if (entries_ == nullptr) return;
  uapi::BufferRingRegistration registration{};
  registration.group_id = group_id;
  ring_.register_resource(IORING_UNREGISTER_PBUF_RING, &registration, 1);
  ::munmap(entries_, memory_page_bytes);
  ::munmap(memory_, memory_bytes);
}

bool DatagramBufferRing::open() noexcept {
  if (entries_ != nullptr || is_refused_) return !is_refused_;
  is_refused_ = true;
  void* const memory = ::mmap(nullptr, memory_bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  void* const page = ::mmap(nullptr, memory_page_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (page == MAP_FAILED) {
    ::munmap(memory, memory_bytes);
    return false;
  }
  // The kernel pins this page: after a fork the child must get no copy that it could be moved to.
  ::madvise(page, memory_page_bytes, MADV_DONTFORK);
  uapi::BufferRingRegistration registration{};
  registration.ring_address = std::bit_cast<std::uintptr_t>(page);
  registration.ring_entries = buffers_count;
  registration.group_id = group_id;
  if (ring_.register_resource(IORING_REGISTER_PBUF_RING, &registration, 1) < 0) {
    ::munmap(page, memory_page_bytes);
    ::munmap(memory, memory_bytes);
    return false;
  }
  entries_ = static_cast<io_uring_buf*>(page);
  memory_ = static_cast<std::byte*>(memory);
  is_refused_ = false;
  for (std::uint16_t id = 0; id < buffers_count; ++id) give_back(id);
  return true;
}

void DatagramBufferRing::prepare(io_uring_sqe& entry, int fd) noexcept {
  // MSG_TRUNC is not needed to learn the length: everything fits.
  io_uring_prep_recvmsg_multishot(&entry, fd, &shape_, 0);
  entry.flags |= IOSQE_BUFFER_SELECT;
  entry.buf_group = group_id;
}

ArrivedDatagram DatagramBufferRing::arrived(const Ring::Completion& completion) noexcept {
  const auto bytes = static_cast<std::size_t>(completion.result);
  WEIR_ASSERT(completion.result >= 0 && bytes >= arrival_header_bytes &&
              bytes <= arrival_bytes_max);
  const std::byte* const begin = buffer(id_of(completion));
  io_uring_recvmsg_out out;
  std::memcpy(&out, begin, sizeof out);
  const std::byte* const peer = begin + sizeof out;
  if (bytes > memory_page_bytes) has_grown_ = true;

  ArrivedDatagram result;
  if (out.namelen <= InternetAddress::storage_bytes) {
    std::memcpy(result.peer.storage(), peer, out.namelen);
  }
  result.control = {peer + peer_bytes, out.controllen};
  result.control_truncated = (out.flags & MSG_CTRUNC) != 0;
  result.wire_bytes = out.payloadlen;
  result.payload = {begin + arrival_header_bytes, bytes - arrival_header_bytes};
  return result;
}

/// Release: the kernel sees the entry before it sees the tail behind it.
void DatagramBufferRing::give_back(std::uint16_t id) noexcept {
  // Not the last member: in entry 0 it is the tail.
  io_uring_buf& entry = entries_[tail_ % buffers_count];
  entry.addr = std::bit_cast<std::uintptr_t>(buffer(id));
  entry.len = arrival_bytes_max;
  entry.bid = id;
  ++tail_;
  io_uring_smp_store_release(&entries_[0].resv, tail_);
}

void DatagramBufferRing::trim() noexcept {
  // Only where the kernel receives in our enters alone, and all that it has received has been seen:
  // else there may be a datagram in a buffer.
  if ((ring_.setup_flags() & IORING_SETUP_DEFER_TASKRUN) == 0) return;
  if (ring_.has_completions() || ring_.overflowed()) return;
  ::madvise(memory_, memory_bytes, MADV_DONTNEED);
  has_grown_ = false;
}

std::byte* DatagramBufferRing::buffer(std::uint16_t id) const noexcept {
  WEIR_ASSERT(id < buffers_count);
  return memory_ + id * stride_bytes;
}

}  // namespace weir::reactor
