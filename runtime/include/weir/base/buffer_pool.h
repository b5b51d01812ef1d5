// The buffers of one shard: slabs of one size within a hard budget.
//
//     budget  |== application ==|== kernel ==|== free ==|...... not allocated ......|reserve|
//
// The free list is last in, first out, so that the set in flight stays in the cache. When the
// budget is spent `try_acquire` says so and the caller stops receiving until a PoolWaiter is told
// that a buffer came back; nothing grows and nothing is dropped. One slab is kept back for
// `compact()`, which frees slabs that small remainders pin.
//
// One thread, the home shard, calls everything here. Buffers may be released (and shared) on any
// thread; such changes are applied by `collect_foreign()`.
//
// Invariant: free + kernel + application = total slabs, and total_bytes <= budget_bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "weir/base/buffer.h"
#include "weir/base/chain.h"
#include "weir/base/list_node.h"
#include "weir/base/pool_holder.h"
#include "weir/base/pool_waiter.h"
#include "weir/base/remote_queue.h"
#include "weir/base/result.h"
#include "weir/base/slab.h"
#include "weir/base/slab_cursor.h"

namespace weir {

namespace detail {
class SlabArena;
}

class BufferPool {
 public:
  struct Options {
    std::size_t budget_bytes = std::size_t{64} << 20;    ///< at least 2 x slab_bytes
    std::uint32_t slab_bytes = std::uint32_t{64} << 10;  ///< a power of two, 4 KiB to 16 MiB

    /// Error::option_invalid if a value is outside its range.
    [[nodiscard]] Result<> validate() const noexcept;
  };

  struct Stats {
    std::size_t budget_bytes;
    std::size_t total_bytes;  ///< slabs_total x slab_bytes + oversize_bytes
    std::size_t slabs_total;  ///< slabs with memory behind them
    std::size_t slabs_free;
    std::size_t slabs_kernel;
    std::size_t slabs_application;
    std::size_t oversize_count;  ///< buffers larger than a slab in use
    std::size_t oversize_bytes;
    std::uint64_t exhausted_count;  ///< requests refused because the budget was spent
    std::uint64_t compactions;
    std::uint64_t slabs_compacted;  ///< slabs freed by compaction, net
  };

  /// Takes no memory yet. `options` must be valid: check user input with `validate()`.
  BufferPool() noexcept : BufferPool(Options{}) {}
  explicit BufferPool(const Options& options) noexcept;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  /// Ends the process with a message if a buffer is still out.
  ~BufferPool();

  /// The pool of the shard that runs on this thread, or nullptr.
  [[nodiscard]] static BufferPool* current() noexcept { return detail::current_pool; }
  /// Makes this thread the home; it has no pool yet. Without a home everything released counts
  /// as released elsewhere: correct, but slower.
  void make_current() noexcept;
  /// The opposite of `make_current`.
  void clear_current() noexcept;

  /// A slab with one reference, which the caller owns; place: application. nullptr, counted, if
  /// the budget is spent: wait with `add_waiter`.
  [[nodiscard]] Slab* try_acquire() noexcept;

  /// True if `try_acquire` would succeed (as far as the budget goes).
  [[nodiscard]] bool can_acquire() const noexcept {
    return in_use_bytes_ + 2 * std::size_t{slab_bytes_} <= budget_bytes_;
  }

  /// How many times `try_acquire` would succeed in a row.
  [[nodiscard]] std::size_t acquirable_slabs() const noexcept;

  /// `size` bytes to be filled through `writable()`. Small ones are cut from a shared slab, those
  /// larger than a slab get a block of their own. Error::pool_exhausted if the budget is spent.
  [[nodiscard]] Result<Buffer> allocate(std::size_t size) noexcept {
    if (output_.rest_bytes() >= size) [[likely]]
      return output_.take(size);
    return allocate_elsewhere(size);
  }
  /// A copy of `bytes` in the rest of the shared slab. Empty if that is too short.
  [[nodiscard, gnu::always_inline]] Buffer try_copy(std::span<const std::byte> bytes) noexcept {
    return output_.try_copy(bytes);
  }
  /// Makes `chain` `size` bytes longer, at least one, to be filled, in the rest of the shared slab;
  /// nullptr if that is too short. In place if its last buffer is the last that was cut off there:
  /// many small pieces of an out-queue stay one buffer, and no reference is counted for them.
  [[nodiscard]] std::byte* try_append(Chain& chain, std::size_t size) noexcept {
    WEIR_ASSERT_SLOW(size > 0);
    if (std::byte* const extended = output_.try_extend(chain, size)) [[likely]]
      return extended;
    return append_slice(chain, size);
  }
  /// A copy of `bytes`; as `allocate`.
  [[nodiscard]] Result<Buffer> copy(std::span<const std::byte> bytes) noexcept;

  /// Notes that the kernel may write to `slab` from now on. It keeps the caller's reference, and
  /// must be marked back before the last one is released.
  void mark_kernel(Slab& slab) noexcept;
  void mark_application(Slab& slab) noexcept;

  /// Tells `waiter`, one at a time and in turn, when memory comes back. Nothing happens if it
  /// waits already. If memory came back from another thread just before, the wake hook is called
  /// and the next `collect_foreign` tells.
  void add_waiter(PoolWaiter& waiter) noexcept;
  void remove_waiter(PoolWaiter& waiter) noexcept;

  /// Lets `compact()` move what `holder` holds. O(1); nothing happens if it is registered already.
  void add_holder(PoolHolder& holder) noexcept;
  void remove_holder(PoolHolder& holder) noexcept;

  /// Copies together what registered chains hold of slabs that only they pin and whose held bytes
  /// are at most half the slab, fewest bytes first, until a quarter of the slabs is won or nothing
  /// is left to win. Needs no memory but the reserve. O(buffers held x log(slabs)).
  /// The slab that `allocate` cuts from is freed as well, if nothing of it is in use.
  /// \returns the slabs freed, net; 0 means that the shard is starved.
  std::size_t compact() noexcept;

  /// Once a shard turn and before the shard sleeps: applies what other threads released, and tells
  /// waiters that memory is there. \returns the slabs that became free.
  std::size_t collect_foreign() noexcept {
    if (!remote_.has_slabs() && untold_waiters_ == 0) [[likely]]
      return 0;
    return collect_remote_changes();
  }

  /// Called, on the releasing thread, when a buffer is released on another thread while a waiter
  /// waits: at most once until the next `collect_foreign`. Set before any buffer leaves; the
  /// context outlives the pool.
  void set_foreign_wake(void (*wake)(void* context), void* context) noexcept {
    remote_.set_wake(wake, context);
  }

  /// Waits for threads that are inside the wake hook. If the hook was made to do nothing before,
  /// what it refers to may end then.
  void finish_foreign_wakes() const noexcept { remote_.finish_pushes(); }

  /// Gives the memory of free slabs above `keep_free` back to the system, least recently used
  /// first. \returns the slabs given back.
  std::size_t trim(std::size_t keep_free) noexcept;

  /// Gives back the slabs that nobody needed since the last call: for the moments when a shard
  /// is about to sleep. \returns the slabs given back.
  std::size_t trim_unused() noexcept;

  [[nodiscard]] std::size_t budget_bytes() const noexcept { return budget_bytes_; }
  [[nodiscard]] std::uint32_t slab_bytes() const noexcept { return slab_bytes_; }
  [[nodiscard]] std::size_t slabs_free() const noexcept { return slabs_free_; }
  [[nodiscard]] Stats stats() const noexcept;

  /// Asserts the invariant above. O(1); with slow assertions O(slabs).
  void check_invariants() const noexcept;

 private:
  friend struct Slab;
  friend class detail::Compaction;

  [[nodiscard]] Slab* take_slab() noexcept;
  [[nodiscard]] std::byte* append_slice(Chain& chain, std::size_t size) noexcept;
  [[nodiscard]] Result<Buffer> allocate_elsewhere(std::size_t size) noexcept;
  [[nodiscard]] Result<Buffer> allocate_oversize(std::size_t size) noexcept;
  void released_last(Slab& slab) noexcept;
  void free_oversize(Slab& slab) noexcept;
  std::size_t collect_remote_changes() noexcept;
  std::size_t apply_remote_changes() noexcept;
  void memory_came_back() noexcept;
  void tell_waiters(std::size_t count_max) noexcept;
  void move(Slab& slab, Slab::Place place) noexcept;
  [[nodiscard]] bool counts_match_slabs() const noexcept;

  std::size_t budget_bytes_;
  std::uint32_t slab_bytes_;
  bool is_quiet_ = false;         // memory that comes back is told later
  std::size_t in_use_bytes_ = 0;  // kernel + application + oversize
  Slab* free_ = nullptr;
  std::size_t slabs_free_ = 0;
  std::size_t slabs_free_min_ = 0;  // the fewest since the last trim_unused()
  std::size_t slabs_kernel_ = 0;
  std::size_t slabs_application_ = 0;
  std::size_t oversize_count_ = 0;
  std::size_t oversize_bytes_ = 0;
  std::uint64_t exhausted_count_ = 0;
  std::uint64_t compactions_ = 0;
  std::uint64_t slabs_compacted_ = 0;
  std::size_t waiters_count_ = 0;
  std::size_t untold_waiters_ = 0;  // not told yet about memory that came back
  detail::ListNode waiters_;
  detail::ListNode holders_;
  std::unique_ptr<detail::SlabArena> arena_;
  detail::RemoteQueue remote_;
  SlabCursor output_{*this};
};

}  // namespace weir
