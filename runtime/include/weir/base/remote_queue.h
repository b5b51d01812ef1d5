// The way home for buffers that were released on another thread: a lock-free stack of slabs whose
// `remote` word holds changes the home shard has not applied yet.
//
//     any thread   note a change in slab.remote; who finds it not queued pushes the slab
//     home         takes the whole stack, applies each slab's changes
//
// `remote` is 2 x (noted releases - noted shares) + queued. Change and queued bit are one atomic
// word, so a thread that finds the bit set never touches the slab again after its change, and the
// home shard frees no slab whose bit is set.
#pragma once

#include <atomic>
#include <cstdint>

#include "weir/base/slab.h"

namespace weir::detail {

class RemoteQueue {
 public:
  using Wake = void (*)(void* context);

  RemoteQueue() noexcept = default;
  RemoteQueue(const RemoteQueue&) = delete;
  RemoteQueue& operator=(const RemoteQueue&) = delete;
  /// Waits for threads that are still inside `note`.
  ~RemoteQueue();

  /// Home, before any buffer leaves: what to call when a buffer comes back while it is awaited.
  void set_wake(Wake function, void* context) noexcept;

  /// Any thread that owns a reference: notes `releases` (+1 or -1 for a share) for `slab`.
  void note(Slab& slab, std::int32_t releases) noexcept;

  /// Home: false is allowed to be late by one turn.
  [[nodiscard]] bool has_slabs() const noexcept {
    return head_.load(std::memory_order_relaxed) != nullptr;
  }

  /// Home: true while a thread may still touch this object, or is about to push. Sequentially
  /// consistent with the beginning of `note`, and an acquire of what a note that has ended did.
  [[nodiscard]] bool is_being_pushed() const noexcept {
    return pushing_.load(std::memory_order_seq_cst) != 0;
  }

  /// Home: waits for threads that are still inside `note`, and so perhaps inside the wake hook.
  void finish_pushes() const noexcept;

  /// Home: takes the stack, linked by `remote_next`.
  [[nodiscard]] Slab* take_all() noexcept;

  /// Home, for a slab of `take_all`: ends its stay on the queue. \returns releases - shares noted.
  [[nodiscard]] static std::int32_t take_changes(Slab& slab) noexcept {
    // Acquire: what other threads read from the slab is done before it is written again.
    // Release: its link was read before whoever notes the next change writes it. The queued bit
    // goes with the changes, so that change queues the slab anew.
    return slab.remote.exchange(0, std::memory_order_acq_rel) >> 1;
  }

  /// Home: whether a slab is awaited, that is whether a note has to wake. A note that does not see
  /// that it was turned on is seen by the next `take_all`, both being sequentially consistent. By
  /// `has_slabs` it may be missed: that plain load may be done before the store is visible.
  void set_awaited(bool awaited) noexcept {
    if (awaited_.load(std::memory_order_relaxed) != awaited) {
      awaited_.store(awaited, std::memory_order_seq_cst);
    }
  }

  /// Home: makes the shard's next wait return at once.
  void wake() noexcept {
    if (wake_ != nullptr) wake_(wake_context_);
  }

 private:
  void push(Slab& slab) noexcept;

  std::atomic<Slab*> head_{nullptr};
  std::atomic<bool> awaited_{false};
  std::atomic<std::uint32_t> pushing_{0};  // threads that may still touch this object
  Wake wake_ = nullptr;
  void* wake_context_ = nullptr;
};

}  // namespace weir::detail
