// A block of memory with an intrusive reference count. The header is apart from the memory, which
// is page-aligned and can be handed whole to the kernel.
//
//     Buffer {slab, offset, size} ---> Slab {data, capacity, refs, ...} ---> bytes
//
// Counting: `refs` is a plain integer that only the home shard touches. A thread is at home when
// its current pool is the slab's `home`; the test is one thread-local load and one compare. From
// any other thread changes are noted in `remote` and applied by the home shard:
//
//     true number of references = refs - (noted releases - noted shares)
//
// Heap slabs are at home nowhere: they count atomically in `remote`, so they may cross threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "weir/base/assert.h"

namespace weir {

class BufferPool;

namespace detail {

class Compaction;

/// The pool whose shard runs on this thread. Constant initialisation and the initial-exec model
/// make an access one load, without the wrapper call of other thread-locals.
extern constinit thread_local BufferPool* current_pool [[gnu::tls_model("initial-exec")]];

}  // namespace detail

struct Slab {
  enum class Kind : std::uint8_t {
    pooled,    ///< slab_bytes of a pool; goes back to its free list
    oversize,  ///< larger than slab_bytes, counted by a pool, given back to the system
    heap,      ///< counted by no pool; `destroy` frees it
    borrowed,  ///< memory somebody lends, see BorrowedSlab; its last release does nothing
  };

  /// Who holds a pooled slab's memory.
  enum class Place : std::uint8_t {
    cold,         ///< address space without memory behind it; not counted in the pool's total
    free,         ///< on the pool's free list
    kernel,       ///< in a provided buffer ring or a receive in flight: the kernel may write
    application,  ///< everything else
  };

  /// What registered chains hold of a slab.
  struct Held {
    std::uint32_t refs;
    std::uint32_t bytes;
  };

  static constexpr std::size_t capacity_max = std::numeric_limits<std::uint32_t>::max();

  const void* home = nullptr;  ///< the pool whose thread counts plainly; heap: matches none
  std::byte* data = nullptr;
  std::uint32_t capacity = 0;
  std::int32_t refs = 0;                ///< home shard only; unused by heap slabs
  std::atomic<std::int32_t> remote{0};  ///< heap: the count. Else: 2 x noted + 1 if queued
  Kind kind = Kind::pooled;
  Place place = Place::application;
  bool is_compaction_target = false;
  BufferPool* pool = nullptr;   ///< nullptr: counted by no pool
  Slab* next = nullptr;         ///< free list; in use: scratch of the compaction
  Slab* remote_next = nullptr;  ///< link of the home pool's queue of remote changes
  union {
    Held held;                        ///< scratch of the compaction
    void (*destroy)(Slab&) noexcept;  ///< heap: frees the memory and this header
  };

  Slab() noexcept : held{0, 0} {}
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() = default;

  /// One more reference. The caller holds one already, or the slab is new.
  void add_reference() noexcept {
    if (home == detail::current_pool) [[likely]] {
      ++refs;
    } else {
      add_reference_elsewhere();
    }
  }

  /// The same, on the home shard.
  void add_reference_at_home() noexcept { ++refs; }

  /// One reference less. After the last one the slab is gone or belongs to its pool again.
  void release() noexcept {
    if (home == detail::current_pool) [[likely]] {
      if (--refs == 0) [[unlikely]]
        released_last();
    } else {
      release_elsewhere();
    }
  }

  /// True if the caller, on the home shard, holds the only reference there is.
  [[nodiscard]] bool is_only_reference() const noexcept {
    // Relaxed suffices: a share noted elsewhere is ordered before its copy came here.
    return refs == 1 && remote.load(std::memory_order_relaxed) == 0;
  }

 private:
  void released_last() noexcept;
  void add_reference_elsewhere() noexcept;
  void release_elsewhere() noexcept;
};

static_assert(sizeof(Slab) <= 64, "a slab header is one cache line");

}  // namespace weir
