// The provided buffer ring: slabs of the shard's pool, lent to the kernel to receive into.
//
//     kernel takes from the head                     provide() adds at the tail
//     | slab: used up to here |=====>....| slab | slab |
//
// Incremental (Linux 6.12): an entry is a whole slab. Each receive takes as much of it as it needs,
// so small messages lie side by side and a large one is cut only where a slab ends. Classic: an
// entry is a piece of a slab and is used up by one receive, however little it brings; the size of
// the pieces follows the traffic, because pieces too small make several completions of one message
// (three times the cost at 16 KiB), and pieces too large waste memory and cache.
//
// The kernel takes entries first in, first out, so all that is provided passes through the cache
// again and again. Hence only as much as the traffic asks for: it doubles when receives found the
// ring empty, stays inside the second-level cache, and shrinks when the shard is idle.
//
// The ring holds one reference to each slab that it has provided (place: kernel); what is received
// holds another one each. With the last piece the ring's reference goes over to what was received.
//
// Invariant: entries provided = entries that the kernel may still use = pieces in use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "reactor/uring/ring.h"
#include "weir/base/buffer.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/result.h"

namespace weir::reactor {

class BufferRing {
 public:
  static constexpr std::uint16_t group_id = 0;

  enum class Consumption : std::uint8_t { incremental, classic };

  /// `ring` and `pool` outlive it.
  BufferRing(Ring& ring, BufferPool& pool) noexcept;
  BufferRing(const BufferRing&) = delete;
  BufferRing& operator=(const BufferRing&) = delete;
  /// Precondition: no receive is armed.
  ~BufferRing();

  /// Fails with the system's error: EINVAL before Linux 5.19, or 6.12 if incremental.
  /// `reorder`: hot slabs first; only with incremental consumption.
  [[nodiscard]] Result<> open(Consumption consumption, bool reorder) noexcept;

  /// Before an enter: fills up to the present target, as far as the pool goes.
  void provide() noexcept {
    if (reorders_) rewind();
    if (slabs_provided_ < slabs_target_) provide_slabs();
  }

  /// Receives found the ring empty: provides more from now on.
  void grow() noexcept;

  /// Provides more than at the start.
  [[nodiscard]] bool has_grown() const noexcept;

  /// Shrinks to what was needed since the last call: to one slab if that was nothing.
  void trim() noexcept;

  /// The bytes of a completion with IORING_CQE_F_BUFFER; empty if `size` is 0.
  [[nodiscard]] Buffer take(std::uint32_t completion_flags, std::size_t size) noexcept;

  /// The kernel has no entry left, as far as the completions seen so far tell.
  [[nodiscard]] bool empty() const noexcept { return entries_provided_ == 0; }
  [[nodiscard]] std::size_t slabs_provided() const noexcept { return slabs_provided_; }
  [[nodiscard]] std::size_t slabs_target() const noexcept { return slabs_target_; }
  [[nodiscard]] std::uint32_t piece_bytes() const noexcept { return piece_bytes_; }
  [[nodiscard]] bool incremental() const noexcept {
    return consumption_ == Consumption::incremental;
  }

  void check_invariants() const noexcept;

 private:
  /// Entries of the ring: one page of them.
  static constexpr std::size_t entries_max = 256;
  static constexpr std::size_t slabs_max = 64;

  /// A slab that is provided, in one piece or several.
  struct ProvidedSlab {
    Slab* slab;
    std::uint32_t pieces_left;
  };
  /// What a buffer id stands for.
  struct Piece {
    std::uint32_t offset;  ///< of the next byte that the kernel fills
    std::uint32_t size;
    std::uint8_t slab;  ///< index in slabs_
  };

  void rewind() noexcept;
  void provide_slabs() noexcept;
  void provide_slab(Slab& slab) noexcept;
  void provide_piece(std::uint8_t slab_index, std::uint32_t offset, std::uint32_t size) noexcept;
  void write_entry(std::uint16_t position, std::uint16_t id) noexcept;
  void put_first(std::size_t new_count) noexcept;
  [[nodiscard]] bool kernel_waits_for_enter() const noexcept;
  [[nodiscard]] bool knows_head() const noexcept;
  [[nodiscard]] std::uint16_t head() const noexcept {
    return static_cast<std::uint16_t>(tail_ - entries_provided_);
  }
  [[nodiscard]] bool retire(std::uint16_t id) noexcept;
  void release_last_entry() noexcept;
  void observe(std::size_t size, std::size_t piece_size) noexcept;
  void publish() noexcept;
  [[nodiscard]] std::uint32_t piece_bytes_least() const noexcept;

  Ring& ring_;
  BufferPool& pool_;
  Consumption consumption_ = Consumption::classic;
  bool reorders_ = false;
  io_uring_buf* entries_ = nullptr;  // one page, shared with the kernel; nullptr: not open
  std::uint16_t tail_ = 0;
  std::uint32_t piece_bytes_;
  std::size_t slabs_target_;
  std::size_t slabs_provided_ = 0;
  std::size_t slabs_needed_ = 0;  // used up between two enters, at most, since the last trim
  std::size_t entries_provided_ = 0;
  int fill_score_ = 0;

  std::array<ProvidedSlab, slabs_max> slabs_{};
  std::array<Piece, entries_max> pieces_{};
  std::array<std::uint16_t, entries_max> free_ids_{};
  std::array<std::uint8_t, slabs_max> free_slabs_{};
};

}  // namespace weir::reactor
