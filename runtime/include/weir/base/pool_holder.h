// Somebody who keeps received bytes for long: an inbox, a half-arrived frame.
#pragma once

#include "weir/base/function_ref.h"
#include "weir/base/list_node.h"

namespace weir {

class Chain;

namespace detail {
class Compaction;
}

/// Registered with `BufferPool::add_holder`; lets the pool copy what the chains hold of mostly
/// free slabs together, so that a few bytes do not pin a whole slab.
///
/// Compaction moves bytes: a span into a registered chain is valid until the shard next receives.
/// Who lends views for longer keeps a `share()` of the chain: a slab with a reference outside the
/// registered chains is left alone. The same goes for bytes that the kernel reads: what is being
/// sent stays out of registered chains, or is shared as well.
class PoolHolder : private detail::ListNode {
 public:
  PoolHolder() noexcept = default;
  PoolHolder(const PoolHolder&) = delete;
  PoolHolder& operator=(const PoolHolder&) = delete;

  /// Calls `visit` once for each chain held. Neither may change a chain's size.
  virtual void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept = 0;

  [[nodiscard]] bool is_held() const noexcept { return linked(); }

 protected:
  virtual ~PoolHolder() = default;

 private:
  friend class BufferPool;
  friend class detail::Compaction;
};

}  // namespace weir
