#include "weir/net/stream.h"

#include <sys/socket.h>

#include <cerrno>

#include "net/stream_state.h"

namespace weir {

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

int Stream::native_handle() const noexcept { return state_ == nullptr ? -1 : state_->fd; }

Result<Address> Stream::peer_address() const noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return state_->peer_address();
}

Result<Address> Stream::local_address() const noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(state_->fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    return fail_errno(errno);
  }
  return Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage), length);
}

}  // namespace weir
