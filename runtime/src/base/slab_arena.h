// The memory of a pool's slabs: address space for the whole budget, reserved once, with pages
// behind those slabs only that are in use or on the free list.
//
//     headers  [ S0 ][ S1 ][ S2 ]...                     64 bytes each, apart from the memory
//     memory   | slab 0 | slab 1 | slab 2 |......... PROT_NONE .........|
//                                 opened^ (a megabyte at a time)
//
// Why not blocks of the allocator: a slab given back has to leave the resident set at once. Here it
// does, with one madvise, whatever its neighbours do. Measured with 512 touched slabs of 64 KiB of
// which 7 in 8 are given back: of 32 MiB 4 MiB stay resident; with mimalloc 2.0.9 all 32 MiB do,
// even after mi_collect(true), because a segment is kept while one block of it lives.
//
// Reserved as PROT_NONE the address space counts neither as memory nor, under strict overcommit, as
// a promise of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "weir/base/slab.h"

namespace weir::detail {

class SlabArena {
 public:
  /// Room for `slabs_max` slabs of `slab_bytes`, a power of two and at least a page, aligned to
  /// its own size. Ends the process if the address space cannot be had.
  SlabArena(std::size_t slabs_max, std::uint32_t slab_bytes) noexcept;
  SlabArena(const SlabArena&) = delete;
  SlabArena& operator=(const SlabArena&) = delete;
  ~SlabArena();

  /// A cold slab, to be filled: the kernel gives it pages as it is touched. nullptr at `slabs_max`
  /// or when the system has no memory to promise.
  [[nodiscard]] Slab* take_cold() noexcept;

  /// Gives the pages of `slab` back to the system; it is cold afterwards.
  void give_back(Slab& slab) noexcept;

  /// Every slab that was ever taken, cold ones too.
  [[nodiscard]] std::span<Slab> slabs() noexcept { return {headers_, slabs_count_}; }

 private:
  [[nodiscard]] bool open_more() noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return slabs_max_ * slab_bytes_; }

  std::size_t slabs_max_;
  std::size_t slab_bytes_;
  std::byte* memory_ = nullptr;
  Slab* headers_ = nullptr;
  std::size_t slabs_count_ = 0;
  std::size_t opened_bytes_ = 0;
  Slab* cold_ = nullptr;
};

}  // namespace weir::detail
