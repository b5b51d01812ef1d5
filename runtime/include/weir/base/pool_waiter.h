// Somebody whom a spent buffer budget has stopped.
#pragma once

#include "weir/base/list_node.h"

namespace weir {

class BufferPool;

/// Registered with `BufferPool::add_waiter`, stays until `remove_waiter` or its destructor.
class PoolWaiter : private detail::ListNode {
 public:
  PoolWaiter() noexcept = default;
  PoolWaiter(const PoolWaiter&) = delete;
  PoolWaiter& operator=(const PoolWaiter&) = delete;

  /// Memory came back, on the home shard, in the middle of somebody's release: note it (schedule
  /// yourself) and return. Do not acquire, release or touch the list here. Another waiter may
  /// be quicker: when the memory is gone again, just wait on.
  virtual void on_slab_available() noexcept = 0;

  [[nodiscard]] bool is_waiting() const noexcept { return pool_ != nullptr; }

 protected:
  virtual ~PoolWaiter();

 private:
  friend class BufferPool;
  BufferPool* pool_ = nullptr;
};

}  // namespace weir
