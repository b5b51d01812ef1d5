#include "reactor/uring/buffer_ring.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <span>
#include <utility>

#include "reactor/uring/uapi.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

constexpr std::size_t page_bytes = 4096;

constexpr std::size_t slabs_at_start = 2;
/// The second-level cache of the machines of today, 1 to 2 MiB a core.
constexpr std::size_t provided_bytes_max = std::size_t{1} << 20;

constexpr std::uint32_t piece_bytes_at_start = std::uint32_t{4} << 10;
constexpr std::uint32_t pieces_per_slab_max = 64;
constexpr std::uint32_t piece_bytes_min = std::uint32_t{2} << 10;
/// Receives that fill their piece weigh more than those that waste it: too small costs time, too
/// large only memory.
constexpr int score_full = 8;
constexpr int score_to_grow = 64;
constexpr int score_to_shrink = -256;

}  // namespace

BufferRing::BufferRing(Ring& ring, BufferPool& pool) noexcept
    : ring_(ring), pool_(pool), piece_bytes_(pool.slab_bytes()), slabs_target_(slabs_at_start) {
  // The lowest ids are used first, so that the kernel and we stay in few cache lines.
  for (std::size_t i = 0; i < entries_max; ++i) {
    free_ids_[i] = static_cast<std::uint16_t>(entries_max - 1 - i);
  }
  for (std::size_t i = 0; i < slabs_max; ++i) {
    free_slabs_[i] = static_cast<std::uint8_t>(slabs_max - 1 - i);
  }
}

BufferRing::~BufferRing() {
  if (entries_ == nullptr) return;
  uapi::BufferRingRegistration registration{};
  registration.group_id = group_id;
  ring_.register_resource(IORING_UNREGISTER_PBUF_RING, &registration, 1);
  while (entries_provided_ > 0) release_last_entry();
  ::munmap(entries_, page_bytes);
}

Result<> BufferRing::open(Consumption consumption, bool reorder) noexcept {
  WEIR_ASSERT(entries_ == nullptr);
  static_assert(entries_max * sizeof(io_uring_buf) == page_bytes);
  void* const page = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (page == MAP_FAILED) return fail_errno(errno);
  // The kernel pins this page: after a fork the child must get no copy that it could be moved to.
  ::madvise(page, page_bytes, MADV_DONTFORK);

  consumption_ = consumption;
  uapi::BufferRingRegistration registration{};
  registration.ring_address = std::bit_cast<std::uintptr_t>(page);
  registration.ring_entries = entries_max;
  registration.group_id = group_id;
  registration.flags = incremental() ? uapi::buffer_ring_incremental : std::uint16_t{0};
  const int result = ring_.register_resource(IORING_REGISTER_PBUF_RING, &registration, 1);
  if (result < 0) {
    ::munmap(page, page_bytes);
    return fail_errno(-result);
  }
  entries_ = static_cast<io_uring_buf*>(page);
  reorders_ = reorder && incremental() && kernel_waits_for_enter();
  if (!incremental()) piece_bytes_ = std::max(piece_bytes_at_start, piece_bytes_least());
  return {};
}

void BufferRing::grow() noexcept {
  const std::size_t limit =
      std::clamp(provided_bytes_max / pool_.slab_bytes(), slabs_at_start, slabs_max);
  slabs_target_ = std::min(slabs_target_ * 2, limit);
}

// Both: where trim() may not take slabs out of the ring it lowers the target all the same, and
// while the pool is spent the target stays though the ring is empty.
bool BufferRing::has_grown() const noexcept {
  return std::min(slabs_target_, slabs_provided_) > slabs_at_start;
}

void BufferRing::trim() noexcept {
  slabs_target_ = std::min(std::exchange(slabs_needed_, 0) + 1, slabs_target_);
  // Only where the kernel looks at the ring in our enters alone: there the tail may go back as it
  // went forth. Elsewhere a receive may be taking an entry right now.
  if ((ring_.setup_flags() & IORING_SETUP_DEFER_TASKRUN) == 0) return;
  // The position of the head follows from the completions; so all of them must have been seen.
  if (ring_.has_completions() || ring_.overflowed()) return;
  while (slabs_provided_ > slabs_target_) release_last_entry();
  publish();
}

/// True if nothing receives but in our enters. Elsewhere a receive may be taking an entry right
/// now.
bool BufferRing::kernel_waits_for_enter() const noexcept {
  return (ring_.setup_flags() & IORING_SETUP_DEFER_TASKRUN) != 0;
}

/// The position of the head follows from the completions; so all of them must have been seen.
bool BufferRing::knows_head() const noexcept {
  return kernel_waits_for_enter() && !ring_.has_completions() && !ring_.overflowed();
}

/// If all that the first slab has brought is gone it begins at its front again.
void BufferRing::rewind() noexcept {
  if (entries_provided_ == 0 || !knows_head()) return;
  const std::uint16_t id = entries_[head() % entries_max].bid;
  Piece& piece = pieces_[id];
  const Slab& slab = *slabs_[piece.slab].slab;
  if (piece.offset == 0 || !slab.is_only_reference()) return;
  piece.offset = 0;
  piece.size = slab.capacity;
  write_entry(head(), id);
}

void BufferRing::provide_slabs() noexcept {
  const std::size_t pieces_per_slab = (pool_.slab_bytes() + piece_bytes_ - 1) / piece_bytes_;
  const std::size_t before = entries_provided_;
  slabs_needed_ = std::max(slabs_needed_, slabs_target_ - slabs_provided_);
  while (slabs_provided_ < slabs_target_ && pieces_per_slab <= entries_max - entries_provided_ &&
         pool_.can_acquire()) {
    Slab* const slab = pool_.try_acquire();
    if (slab == nullptr) break;
    provide_slab(*slab);
  }
  if (entries_provided_ == before) return;
  if (reorders_ && before != 0 && knows_head()) put_first(entries_provided_ - before);
  publish();
}

/// Moves the last `new_count` entries to the front, but behind one that is partly used.
void BufferRing::put_first(std::size_t new_count) noexcept {
  std::array<std::uint16_t, slabs_max> ids;
  const std::span<std::uint16_t> order(ids.data(), entries_provided_);
  std::uint16_t position = head();
  for (std::uint16_t& id : order) id = entries_[position++ % entries_max].bid;
  const auto first = order.begin() + (pieces_[order.front()].offset > 0 ? 1 : 0);
  std::rotate(first, order.end() - static_cast<std::ptrdiff_t>(new_count), order.end());
  position = head();
  for (const std::uint16_t id : order) write_entry(position++, id);
}

void BufferRing::provide_slab(Slab& slab) noexcept {
  pool_.mark_kernel(slab);
  const std::uint8_t slab_index = free_slabs_[slabs_max - 1 - slabs_provided_];
  ++slabs_provided_;
  ProvidedSlab& provided = slabs_[slab_index];
  provided = {.slab = &slab, .pieces_left = 0};
  for (std::uint32_t offset = 0; offset < slab.capacity; offset += piece_bytes_) {
    provide_piece(slab_index, offset, std::min(piece_bytes_, slab.capacity - offset));
    ++provided.pieces_left;
  }
}

void BufferRing::provide_piece(std::uint8_t slab_index, std::uint32_t offset,
                               std::uint32_t size) noexcept {
  const std::uint16_t id = free_ids_[entries_max - 1 - entries_provided_];
  ++entries_provided_;
  pieces_[id] = {.offset = offset, .size = size, .slab = slab_index};
  write_entry(tail_++, id);
}

void BufferRing::write_entry(std::uint16_t position, std::uint16_t id) noexcept {
  const Piece& piece = pieces_[id];
  // Not the last member: in entry 0 it is the tail.
  io_uring_buf& entry = entries_[position % entries_max];
  entry.addr = std::bit_cast<std::uintptr_t>(slabs_[piece.slab].slab->data + piece.offset);
  entry.len = piece.size;
  entry.bid = id;
}

/// Release: the kernel sees the entries before it sees the tail behind them.
void BufferRing::publish() noexcept { io_uring_smp_store_release(&entries_[0].resv, tail_); }

Buffer BufferRing::take(std::uint32_t completion_flags, std::size_t size) noexcept {
  const auto id = static_cast<std::uint16_t>(completion_flags >> IORING_CQE_BUFFER_SHIFT);
  WEIR_ASSERT(id < entries_max);
  Piece& piece = pieces_[id];
  WEIR_ASSERT(size <= piece.size);
  Slab& slab = *slabs_[piece.slab].slab;
  const std::uint32_t offset = piece.offset;
  if ((completion_flags & uapi::completion_buffer_more) != 0) {
    piece.offset += static_cast<std::uint32_t>(size);
    piece.size -= static_cast<std::uint32_t>(size);
    return Buffer::slice_of(slab, offset, size);
  }
  if (!incremental()) observe(size, piece.size);
  if (retire(id)) return Buffer::adopt(slab, offset, size);
  return Buffer::slice_of(slab, offset, size);
}

/// The kernel is done with a piece. \returns true if its slab has no other left: the ring's
/// reference to it is the caller's then
bool BufferRing::retire(std::uint16_t id) noexcept {
  free_ids_[entries_max - entries_provided_] = id;
  --entries_provided_;
  const std::uint8_t slab_index = pieces_[id].slab;
  ProvidedSlab& provided = slabs_[slab_index];
  WEIR_ASSERT(provided.pieces_left > 0);
  if (--provided.pieces_left > 0) return false;
  free_slabs_[slabs_max - slabs_provided_] = slab_index;
  --slabs_provided_;
  pool_.mark_application(*provided.slab);
  return true;
}

void BufferRing::release_last_entry() noexcept {
  --tail_;
  const std::uint16_t id = entries_[tail_ % entries_max].bid;
  Slab& slab = *slabs_[pieces_[id].slab].slab;
  if (retire(id)) slab.release();
}

/// At least a few slabs must fit into the ring, however large they are.
std::uint32_t BufferRing::piece_bytes_least() const noexcept {
  return std::max(piece_bytes_min, pool_.slab_bytes() / pieces_per_slab_max);
}

/// Fits the size of the pieces to what receives bring.
void BufferRing::observe(std::size_t size, std::size_t piece_size) noexcept {
  if (size == piece_size) {
    fill_score_ = std::max(fill_score_, 0) + score_full;
  } else if (size < piece_size / 4) {
    --fill_score_;
  }
  if (fill_score_ >= score_to_grow) {
    piece_bytes_ = std::min(piece_bytes_ * 2, pool_.slab_bytes());
    fill_score_ = 0;
  } else if (fill_score_ <= score_to_shrink) {
    piece_bytes_ = std::max(piece_bytes_ / 2, piece_bytes_least());
    fill_score_ = 0;
  }
}

/// What the kernel may still use lies before the tail, in the order in which it was provided.
void BufferRing::check_invariants() const noexcept {
  WEIR_ASSERT(slabs_provided_ <= entries_provided_ && entries_provided_ <= entries_max);
  for (std::size_t back = 1; back <= entries_provided_; ++back) {
    const io_uring_buf& entry = entries_[(tail_ - back) % entries_max];
    WEIR_ASSERT(slabs_[pieces_[entry.bid].slab].slab->place == Slab::Place::kernel);
  }
}

}  // namespace weir::reactor
