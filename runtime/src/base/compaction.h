// Frees slabs that a few long-held bytes pin, by copying those bytes together.
//
//     before   |.x.......|  |......yy.|  |zz.......|     three slabs, five bytes
//     after    |xyyzz....|  | free    |  | free    |
//
// A victim is a slab that registered chains alone refer to, with at most half of it held. The
// census finds them; they are dealt out to target slabs so that each target takes what fits it
// whole (at least two victims, so that every target wins a slab); one walk over the chains then
// copies and redirects. The first round has the pool's reserve for a target, and each round leaves
// at least twice as many free slabs as it took, so that there are at most log2(slabs) rounds.
// Nothing is allocated: the notes are in the slab headers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "weir/base/buffer_pool.h"
#include "weir/base/chain.h"
#include "weir/base/function_ref.h"

namespace weir::detail {

/// One run over a pool; lives inside `BufferPool::compact()`.
class Compaction {
 public:
  explicit Compaction(BufferPool& pool) noexcept : pool_(pool) {}

  /// \returns the slabs freed, less those filled.
  std::size_t run() noexcept;

 private:
  // Victims by the bit width of the bytes they hold, linked by Slab::next: fewest bytes first.
  using Victims = std::array<Slab*, 33>;

  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept;
  void take_census() noexcept;
  [[nodiscard]] bool is_victim(const Slab& slab) const noexcept;
  [[nodiscard]] Victims find_victims() noexcept;
  [[nodiscard]] std::size_t deal_out(Victims& victims) noexcept;
  void move_bytes() noexcept;
  void move_buffers(Chain& chain) noexcept;
  void finish_targets() noexcept;

  BufferPool& pool_;
};

}  // namespace weir::detail
