#include "net/stream_state.h"

#include <algorithm>
#include <limits>

#include "net/socket.h"
#include "weir/base/allocate.h"

namespace weir::detail {
namespace {

std::uint32_t clamp_to_32_bits(std::size_t bytes) noexcept {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(bytes, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

void* StreamState::operator new(std::size_t bytes) { return allocate_frame(bytes); }

void StreamState::operator delete(void* state, std::size_t bytes) noexcept {
  deallocate_frame(state, bytes);
}

StreamState* StreamState::adopt(int open_fd, bool is_tcp, const StreamLimits& limits) {
  return new StreamState(open_fd, is_tcp, limits);
}

StreamState::StreamState(int open_fd, bool is_tcp, const StreamLimits& limits) noexcept
    : Descriptor(open_fd), receive_(*this), send_(*this, out_queue_), is_tcp_(is_tcp) {
  may_carry_descriptors = !is_tcp;
  set_limits(limits);
}

StreamState::~StreamState() {
  WEIR_ASSERT(closed() && !anything_in_flight() && reader_ == nullptr);
}

void StreamState::set_limits(const StreamLimits& limits) noexcept {
  // Not below what a reader has been promised already.
  const bool promised = reader_ != nullptr && reader_->kind_ == StreamReader::Kind::exactly;
  receive_.inbox_bytes_max =
      std::max<std::size_t>(limits.receive_bytes_max, promised ? reader_->bytes_ : 1);
  high_water_bytes_ = clamp_to_32_bits(std::max<std::size_t>(limits.high_water_bytes, 1));
  low_water_bytes_ = std::min(clamp_to_32_bits(limits.low_water_bytes), high_water_bytes_ - 1);
}

StreamLimits StreamState::limits() const noexcept {
  return {.receive_bytes_max = receive_.inbox_bytes_max,
          .high_water_bytes = high_water_bytes_,
          .low_water_bytes = low_water_bytes_};
}

StreamStats StreamState::stats() const noexcept {
  return {.bytes_received = read_total_ + receive_.inbox.size(),
          .bytes_queued = queued_total(),
          .bytes_sent = taken_total_};
}

void StreamState::remember_peer() noexcept { peer_ = peer_address().value_or(Address()); }

Result<Address> StreamState::peer_address() const noexcept {
  if (!peer_.is_none()) return Address(peer_);
  return peer_address_of(fd);
}

}  // namespace weir::detail
