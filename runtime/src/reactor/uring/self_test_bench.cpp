#include "reactor/uring/self_test_bench.h"

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "reactor/uring/uapi.h"

namespace weir::reactor {
namespace {

constexpr std::size_t bench_page_bytes = 4096;

Result<OwnedFd> open_socket(int domain) {
  OwnedFd fd(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return fail_errno(errno);
  return fd;
}

/// Any address of the family, on which a client can reach it.
Result<OwnedFd> listen_at(const sockaddr* address, socklen_t length) {
  auto fd = open_socket(address->sa_family);
  if (!fd) return fd;
  if (::bind(fd->get(), address, length) != 0) return fail_errno(errno);
  if (::listen(fd->get(), 8) != 0) return fail_errno(errno);
  return fd;
}

Result<OwnedFd> connect_to(int listener) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(listener, generic, &length) != 0) return fail_errno(errno);
  auto fd = open_socket(address.ss_family);
  if (fd && ::connect(fd->get(), generic, length) != 0) return fail_errno(errno);
  return fd;
}

}  // namespace

std::string describe_errno(int error) {
  std::string text = std::strerror(error);
  if (const char* const name = ::strerrorname_np(error)) text += " (" + std::string(name) + ")";
  return text;
}

Verdict refused(int error) { return Shortcoming{.error = error, .detail = describe_errno(error)}; }

Verdict misbehaves(std::string detail) {
  return Shortcoming{.error = 0, .detail = std::move(detail)};
}

SelfTestBench::~SelfTestBench() {
  if (buffer_page_ == nullptr) return;
  uapi::BufferRingRegistration registration{};
  ring_.register_resource(IORING_UNREGISTER_PBUF_RING, &registration, 1);
  ::munmap(buffer_page_, bench_page_bytes);
}

Result<> SelfTestBench::open(const RingOptions& options) { return ring_.open(options); }

Result<> SelfTestBench::provide_buffers(std::size_t count, std::uint32_t size, bool incremental) {
  void* const page = ::mmap(nullptr, bench_page_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (page == MAP_FAILED) return fail_errno(errno);
  uapi::BufferRingRegistration registration{};
  registration.ring_address = std::bit_cast<std::uintptr_t>(page);
  registration.ring_entries = static_cast<std::uint32_t>(count);
  registration.flags = incremental ? uapi::buffer_ring_incremental : std::uint16_t{0};
  const int result = ring_.register_resource(IORING_REGISTER_PBUF_RING, &registration, 1);
  if (result < 0) {
    ::munmap(page, bench_page_bytes);
    return fail_errno(-result);
  }
  buffer_page_ = static_cast<std::byte*>(page);
  buffer_bytes_ = size;
  memory_.assign(count * size, '?');
  used_.assign(count, 0);
  provide_all();
  return {};
}

void SelfTestBench::provide_all() noexcept {
  for (std::size_t id = 0; id < used_.size(); ++id) rewrite(tail_++, id);
  auto* const entries = reinterpret_cast<io_uring_buf*>(buffer_page_);
  io_uring_smp_store_release(&entries[0].resv, tail_);
}

void SelfTestBench::rewrite(std::size_t position, std::size_t id) noexcept {
  io_uring_buf& entry = reinterpret_cast<io_uring_buf*>(buffer_page_)[position % used_.size()];
  entry.addr = std::bit_cast<std::uintptr_t>(memory_.data() + id * buffer_bytes_);
  entry.len = buffer_bytes_;
  entry.bid = static_cast<std::uint16_t>(id);
  used_[id] = 0;
}

std::string SelfTestBench::take(const Ring::Completion& completion) {
  const std::size_t id = completion.flags >> IORING_CQE_BUFFER_SHIFT;
  const bool valid =
      (completion.flags & IORING_CQE_F_BUFFER) != 0 && id < used_.size() && completion.result >= 0;
  if (!valid) return {};
  const auto size = static_cast<std::uint32_t>(completion.result);
  if (size > buffer_bytes_ - used_[id]) return {};
  const char* const begin = memory_.data() + id * buffer_bytes_ + used_[id];
  const bool goes_on = (completion.flags & uapi::completion_buffer_more) != 0;
  used_[id] = goes_on ? used_[id] + size : buffer_bytes_;
  return {begin, size};
}

std::vector<Ring::Completion> SelfTestBench::run() {
  ring_.enter({.collect = true});
  return completions();
}

std::vector<Ring::Completion> SelfTestBench::submit() {
  ring_.enter({});
  return completions();
}

std::vector<Ring::Completion> SelfTestBench::completions() {
  std::vector<Ring::Completion> found;
  ring_.for_each_completion(
      [&](const Ring::Completion& completion) { found.push_back(completion); });
  return found;
}

Result<SocketPair> make_unix_pair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return fail_errno(errno);
  return SocketPair{.ours = OwnedFd(fds[0]), .theirs = OwnedFd(fds[1])};
}

Result<SocketPair> make_tcp_pair() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto listener = listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (!listener) return std::unexpected(listener.error());
  auto theirs = connect_to(listener->get());
  if (!theirs) return std::unexpected(theirs.error());
  OwnedFd ours(::accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!ours.valid()) return fail_errno(errno);
  return SocketPair{.ours = std::move(ours), .theirs = std::move(*theirs)};
}

Result<SocketPair> make_udp_pair() {
  SocketPair pair{.ours = OwnedFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
                  .theirs = OwnedFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))};
  if (!pair.ours.valid() || !pair.theirs.valid()) return fail_errno(errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(pair.ours.get(), name, length) != 0 ||
      ::getsockname(pair.ours.get(), name, &length) != 0 ||
      ::connect(pair.theirs.get(), name, length) != 0) {
    return fail_errno(errno);
  }
  return pair;
}

Result<OwnedFd> listen_unix() {
  // Only the family: the kernel chooses an abstract name.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  return listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof(sa_family_t));
}

Result<OwnedFd> connect_unix(int listener) { return connect_to(listener); }

void send_text(int fd, std::string_view text) {
  // What does not go out is missed by the test.
  static_cast<void>(::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0);
}

std::string receive_text(int fd) {
  std::string text;
  char piece[4096];
  for (;;) {
    const ssize_t size = ::recv(fd, piece, sizeof piece, MSG_DONTWAIT);
    if (size <= 0) return text;
    text.append(piece, static_cast<std::size_t>(size));
  }
}

}  // namespace weir::reactor
