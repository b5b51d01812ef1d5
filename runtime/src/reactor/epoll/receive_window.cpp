#include "reactor/epoll/receive_window.h"

#include <algorithm>
#include <utility>

#include "weir/base/assert.h"
#include "weir/base/buffer.h"

namespace weir::reactor {

std::span<iovec> ReceiveWindow::open(std::size_t bytes_wanted, std::size_t bytes_max) noexcept {
  WEIR_ASSERT(further_count_ == 0 && bytes_max > 0);
  restart_if_unused();
  std::size_t count = 0;
  std::size_t offered = 0;
  const auto offer = [&](std::byte* memory, std::size_t bytes) {
    bytes = std::min(bytes, bytes_max - offered);
    pieces_[count++] = {.iov_base = memory, .iov_len = bytes};
    offered += bytes;
  };

  const std::uint32_t rest = rest_bytes();
  offers_current_ = rest >= rest_bytes_min || (rest > 0 && !pool_.can_acquire());
  if (offers_current_) offer(current_->data + used_, rest);
  const std::size_t target = std::min(bytes_wanted, bytes_max);
  while (offered < target && further_count_ < further_max) {
    // A read that has some memory already does not count as a refused request.
    if (offered > 0 && !pool_.can_acquire()) break;
    Slab* const slab = pool_.try_acquire();
    if (slab == nullptr) break;
    further_[further_count_++] = slab;
    offer(slab->data, slab->capacity);
  }
  if (count == 0) let_go_if_full();
  return {pieces_.data(), count};
}

void ReceiveWindow::close(std::size_t bytes, Chain& inbox) noexcept {
  if (offers_current_) {
    const std::size_t taken = std::min(bytes, pieces_[0].iov_len);
    inbox.append(Buffer::slice_of(*current_, used_, taken));
    used_ += static_cast<std::uint32_t>(taken);
    bytes -= taken;
  }
  for (std::size_t index = 0; index < further_count_; ++index) {
    Slab& slab = *further_[index];
    if (bytes == 0) {
      slab.release();
      continue;
    }
    const std::size_t taken = std::min<std::size_t>(bytes, slab.capacity);
    reset();
    current_ = &slab;
    used_ = static_cast<std::uint32_t>(taken);
    inbox.append(Buffer::slice_of(slab, 0, taken));
    bytes -= taken;
  }
  WEIR_ASSERT(bytes == 0);
  further_count_ = 0;
  offers_current_ = false;
}

bool ReceiveWindow::can_open() const noexcept {
  if (pool_.can_acquire()) return true;
  return current_ != nullptr && (rest_bytes() > 0 || current_->is_only_reference());
}

// A full slab that is kept would not come back to the pool when its slices do, and nobody would be
// told.
void ReceiveWindow::let_go_if_full() noexcept {
  if (rest_bytes() == 0) reset();
}

void ReceiveWindow::trim() noexcept {
  if (current_ != nullptr && current_->is_only_reference()) reset();
}

void ReceiveWindow::restart_if_unused() noexcept {
  if (current_ != nullptr && current_->is_only_reference()) used_ = 0;
}

void ReceiveWindow::reset() noexcept {
  if (current_ != nullptr) std::exchange(current_, nullptr)->release();
  used_ = 0;
}

}  // namespace weir::reactor
