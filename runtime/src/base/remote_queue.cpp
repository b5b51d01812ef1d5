#include "weir/base/remote_queue.h"

#include <thread>

namespace weir::detail {

RemoteQueue::~RemoteQueue() {
  // Every slab is home; a thread may still be between its push and its return.
  finish_pushes();
}

// The load's acquire pairs with the release at the end of note().
void RemoteQueue::finish_pushes() const noexcept {
  while (is_being_pushed()) std::this_thread::yield();
}

void RemoteQueue::set_wake(Wake function, void* context) noexcept {
  wake_ = function;
  wake_context_ = context;
}

void RemoteQueue::note(Slab& slab, std::int32_t releases) noexcept {
  const std::int32_t change = releases * 2;
  std::int32_t word = slab.remote.load(std::memory_order_relaxed);
  // Release: our reads of the slab come before the home shard's next write to it.
  while ((word & 1) != 0) {
    if (slab.remote.compare_exchange_weak(word, word + change, std::memory_order_release,
                                          std::memory_order_relaxed)) {
      return;
    }
  }

  // Before the change, after which the pool may end at any moment: it waits for us then.
  // Sequentially consistent with what the wake hook asks: if the home shard first makes that
  // answer that it is awake, and then sees no push, no hook will wake it any more.
  pushing_.fetch_add(1, std::memory_order_seq_cst);
  // Acquire: the home shard has read the link of the slab's last stay before push() writes it.
  while (!slab.remote.compare_exchange_weak(word, (word + change) | 1, std::memory_order_acq_rel,
                                            std::memory_order_relaxed)) {
  }
  if ((word & 1) == 0) push(slab);
  pushing_.fetch_sub(1, std::memory_order_release);
}

void RemoteQueue::push(Slab& slab) noexcept {
  Slab* head = head_.load(std::memory_order_relaxed);
  do {
    slab.remote_next = head;
  } while (!head_.compare_exchange_weak(head, &slab, std::memory_order_seq_cst,
                                        std::memory_order_relaxed));
  // Sequentially consistent with set_awaited(true) and the take_all() after it: either we see that
  // a slab is awaited, or the home shard sees this one.
  if (head == nullptr && awaited_.load(std::memory_order_seq_cst)) wake();
}

Slab* RemoteQueue::take_all() noexcept {
  return head_.exchange(nullptr, std::memory_order_seq_cst);
}

}  // namespace weir::detail
