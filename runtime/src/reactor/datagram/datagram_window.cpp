#include "reactor/datagram/datagram_window.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

constexpr std::uint32_t alignment = 8;

constexpr std::uint32_t aligned(std::size_t bytes) noexcept {
  return static_cast<std::uint32_t>((bytes + alignment - 1) & ~std::size_t{alignment - 1});
}

}  // namespace

DatagramWindow::~DatagramWindow() {
  trim();
  if (overflow_ != nullptr) ::munmap(overflow_, messages_max * overflow_stride);
}

std::size_t DatagramWindow::open(bool expects_large, std::uint32_t payload_bytes_max,
                                 std::size_t count_max) noexcept {
  is_large_ = expects_large && payload_bytes_max > slot_bytes;
  if (!is_large_) {
    const std::size_t count = open_slots(payload_bytes_max, count_max);
    if (count > 0 || payload_bytes_max <= slot_bytes) return count;
    is_large_ = true;  // with the last slab
    release_slots();
  }
  return std::min(open_large(payload_bytes_max), count_max);
}

Result<Buffer> DatagramWindow::take(std::size_t message, std::size_t bytes) noexcept {
  if (bytes == 0) return Buffer();
  if (is_large_) return take_large(message, bytes);
  if (bytes > move_bytes_max) return take_slot(message, bytes);
  return place(slots_->data + begin_ + message * slot_bytes, bytes);
}

Result<Buffer> DatagramWindow::copy(std::span<const std::byte> bytes) noexcept {
  if (bytes.empty()) return Buffer();
  if (bytes.size() <= slot_bytes && refresh_slots()) return place(bytes.data(), bytes.size());
  return pool_.copy(bytes);
}

/// \returns true if there is a slab with room for a slot
bool DatagramWindow::refresh_slots() noexcept {
  if (slots_ != nullptr) {
    if (slots_->is_only_reference()) used_ = 0;
    // The end of a slab would make receives smaller and smaller.
    const std::uint32_t enough = std::min(slots_->capacity, slot_bytes * 16);
    if (slots_->capacity - used_ >= enough) return true;
    release_slots();
  }
  slots_ = pool_.try_acquire();
  used_ = 0;
  return slots_ != nullptr;
}

void DatagramWindow::release_slots() noexcept {
  if (slots_ != nullptr) std::exchange(slots_, nullptr)->release();
  used_ = 0;
}

/// Address space alone: no memory is behind it until a large datagram comes.
bool DatagramWindow::reserve_overflow() noexcept {
  if (overflow_ != nullptr) return true;
  void* const memory = ::mmap(nullptr, messages_max * overflow_stride, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  overflow_ = static_cast<std::byte*>(memory);
  return true;
}

std::size_t DatagramWindow::open_slots(std::uint32_t payload_bytes_max,
                                       std::size_t count_max) noexcept {
  const bool overflows = payload_bytes_max > slot_bytes;
  if ((overflows && !reserve_overflow()) || !refresh_slots()) return 0;
  std::size_t count = std::min<std::size_t>(count_max, (slots_->capacity - used_) / slot_bytes);
  if (overflows) {
    // Each may turn out to be large, and then there must be memory to copy it to.
    const std::size_t slabs_each = (payload_bytes_max - 1) / pool_.slab_bytes() + 1;
    count = std::min(count, pool_.acquirable_slabs() / slabs_each);
  }
  begin_ = used_;
  lay_out_slots(payload_bytes_max, count);
  return count;
}

void DatagramWindow::lay_out_slots(std::uint32_t payload_bytes_max, std::size_t count) noexcept {
  std::byte* const begin = slots_->data + begin_;
  const bool is_same = laid_out_.begin == begin && laid_out_.payload_bytes_max == payload_bytes_max;
  const bool overflows = payload_bytes_max > slot_bytes;
  pieces_count_ = overflows ? 2 : 1;
  for (std::size_t i = is_same ? laid_out_.count : 0; i < count; ++i) {
    pieces_[i][0] = {.iov_base = begin + i * slot_bytes,
                     .iov_len = std::min(slot_bytes, payload_bytes_max)};
    if (!overflows) continue;
    pieces_[i][1] = {.iov_base = overflow_ + i * overflow_stride,
                     .iov_len = payload_bytes_max - slot_bytes};
  }
  laid_out_ = {.begin = begin,
               .payload_bytes_max = payload_bytes_max,
               .count = is_same ? std::max(count, laid_out_.count) : count};
}

Result<Buffer> DatagramWindow::take_slot(std::size_t message, std::size_t bytes) noexcept {
  const std::byte* const slot = slots_->data + begin_ + message * slot_bytes;
  if (bytes > slot_bytes) {
    overflow_touched_ = true;
    Result<Buffer> whole = pool_.allocate(bytes);
    if (!whole) return whole;
    std::byte* const to = whole->writable().data();
    std::memcpy(to, slot, slot_bytes);
    std::memcpy(to + slot_bytes, overflow_ + message * overflow_stride, bytes - slot_bytes);
    return whole;
  }
  const auto offset = static_cast<std::uint32_t>(slot - slots_->data);
  used_ = aligned(offset + bytes);
  return Buffer::slice_of(*slots_, offset, bytes);
}

/// Moves bytes to the next free place of the slots' slab.
Buffer DatagramWindow::place(const std::byte* bytes, std::size_t size) noexcept {
  std::byte* const to = slots_->data + used_;
  if (to != bytes) std::memmove(to, bytes, size);
  const std::uint32_t offset = std::exchange(used_, aligned(used_ + size));
  return Buffer::slice_of(*slots_, offset, size);
}

/// Exactly a slab where that is enough: others count against the budget all the same, but are given
/// back to the system each time.
Result<Buffer> DatagramWindow::acquire_large(std::size_t bytes) noexcept {
  if (bytes > pool_.slab_bytes()) return pool_.allocate(bytes);
  Slab* const slab = pool_.try_acquire();
  if (slab == nullptr) return fail(Error::pool_exhausted);
  return Buffer::adopt(*slab, 0, slab->capacity);
}

std::size_t DatagramWindow::open_large(std::uint32_t payload_bytes_max) noexcept {
  // What is left of the last time; smaller ones were for a socket that takes less.
  std::array<Buffer, large_max> left;
  std::size_t left_count = 0;
  for (Buffer& buffer : large_) {
    Buffer one = std::move(buffer);
    if (one.size() >= payload_bytes_max) left[left_count++] = std::move(one);
  }
  // New ones go first: the pool gives out what was used last, which is in the cache.
  std::size_t count = 0;
  while (count + left_count < large_max) {
    Result<Buffer> fresh = acquire_large(payload_bytes_max);
    if (!fresh) break;
    large_[count++] = std::move(*fresh);
  }
  for (std::size_t i = 0; i < left_count; ++i) large_[count++] = std::move(left[i]);

  pieces_count_ = 1;
  laid_out_ = {};
  for (std::size_t i = 0; i < count; ++i) {
    pieces_[i][0] = {.iov_base = large_[i].writable().data(), .iov_len = payload_bytes_max};
  }
  return count;
}

Result<Buffer> DatagramWindow::take_large(std::size_t message, std::size_t bytes) noexcept {
  Buffer& from = large_[message];
  // A small one among large ones does not keep a whole slab, if there is room elsewhere.
  if (bytes <= slot_bytes && refresh_slots()) return place(from.data(), bytes);
  if (bytes < copy_bytes_max) {
    Result<Buffer> copied = pool_.copy(from.bytes().first(bytes));
    if (copied) return copied;
  }
  Buffer taken = std::move(from);
  taken.trim_back(taken.size() - bytes);
  return taken;
}

bool DatagramWindow::holds_memory() const noexcept {
  return slots_ != nullptr || overflow_touched_ ||
         std::ranges::any_of(large_, [](const Buffer& buffer) { return !buffer.empty(); });
}

void DatagramWindow::trim() noexcept {
  for (Buffer& buffer : large_) buffer = {};
  release_slots();
  if (overflow_touched_) ::madvise(overflow_, messages_max * overflow_stride, MADV_DONTNEED);
  overflow_touched_ = false;
}

}  // namespace weir::reactor
