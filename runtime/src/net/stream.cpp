#include "weir/net/stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "net/stream_state.h"

namespace weir {
namespace {

Result<std::size_t> resize_buffer(int fd, int option, std::size_t bytes) noexcept {
  if (fd < 0) return fail(Error::closed);
  constexpr std::size_t bytes_max = std::numeric_limits<int>::max();
  int value = static_cast<int>(std::min(bytes, bytes_max));
  socklen_t length = sizeof value;
  if (::setsockopt(fd, SOL_SOCKET, option, &value, length) != 0) return fail_errno(errno);
  if (::getsockopt(fd, SOL_SOCKET, option, &value, &length) != 0) return fail_errno(errno);
  return static_cast<std::size_t>(value);
}

}  // namespace

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    Stream old(std::move(*this));
    state_ = std::exchange(other.state_, nullptr);
  }
  return *this;
}

Stream::~Stream() {
  if (state_ == nullptr) return;
  state_->close();
  state_->release();
}

Result<void> Stream::queue(Chain bytes) noexcept {
  if (state_ == nullptr) [[unlikely]]
    return fail(Error::closed);
  if (!state_->accepts_bytes()) return std::unexpected(state_->write_error());
  if (state_->at_high_water()) return fail(Error::out_queue_full);
  if (!bytes.empty()) state_->enqueue(std::move(bytes));
  return {};
}

Chain* Stream::open_queue() noexcept {
  if (state_ == nullptr || !state_->accepts_bytes() || state_->at_high_water()) [[unlikely]]
    return nullptr;
  return &state_->open_queue();
}

Result<void> Stream::queue(std::span<const std::byte> bytes) noexcept {
  if (state_ == nullptr) [[unlikely]]
    return fail(Error::closed);
  if (!state_->accepts_bytes()) return std::unexpected(state_->write_error());
  if (state_->at_high_water()) return fail(Error::out_queue_full);
  if (bytes.empty()) return {};
  Result<Buffer> copy = Shard::current().pool().copy(bytes);
  if (!copy) return std::unexpected(copy.error());
  state_->enqueue(Chain(std::move(*copy)));
  return {};
}

std::size_t Stream::queued_bytes() const noexcept {
  return state_ == nullptr ? 0 : state_->queued_bytes();
}

detail::StreamClose Stream::close() noexcept {
  if (state_ != nullptr) state_->close();
  return detail::StreamClose(std::exchange(state_, nullptr));
}

void Stream::abort() noexcept {
  if (state_ == nullptr) return;
  state_->abort();
  std::exchange(state_, nullptr)->release();
}

void Stream::set_limits(const StreamLimits& limits) noexcept {
  if (state_ != nullptr) state_->set_limits(limits);
}

StreamLimits Stream::limits() const noexcept {
  return state_ == nullptr ? StreamLimits{} : state_->limits();
}

StreamStats Stream::stats() const noexcept {
  return state_ == nullptr ? StreamStats{} : state_->stats();
}

Result<std::size_t> Stream::set_send_buffer(std::size_t bytes) noexcept {
  return resize_buffer(detail::fd_of(state_), SO_SNDBUF, bytes);
}

Result<std::size_t> Stream::set_receive_buffer(std::size_t bytes) noexcept {
  return resize_buffer(detail::fd_of(state_), SO_RCVBUF, bytes);
}

void Stream::set_close_timeout(Duration timeout) noexcept {
  if (state_ != nullptr) state_->set_close_timeout(timeout);
}

int Stream::native_handle() const noexcept { return state_ == nullptr ? -1 : state_->fd; }

Result<Address> Stream::peer_address() const noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return state_->peer_address();
}

Result<Address> Stream::local_address() const noexcept {
  const int fd = detail::fd_of(state_);
  if (fd < 0) return fail(Error::closed);
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    return fail_errno(errno);
  }
  return Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage), length);
}

}  // namespace weir
