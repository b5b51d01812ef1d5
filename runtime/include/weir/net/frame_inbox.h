// FrameInbox: received bytes that wait for the rest of their frame, in the buffers they came in.
//
//     hold_still()   somebody looks at the bytes, they stay where they are
//     rest()         nobody does: a pool that runs short may move them together
#pragma once

#include <utility>

#include "weir/base/buffer_pool.h"
#include "weir/base/chain.h"
#include "weir/base/function_ref.h"
#include "weir/base/pool_holder.h"

namespace weir::detail {

/// What has arrived and is in no whole frame yet. While nobody looks at it the pool may copy it
/// together, so that many slow writers do not pin a slab each.
class FrameInbox final : private PoolHolder {
 public:
  FrameInbox() noexcept = default;
  FrameInbox(FrameInbox&& other) noexcept : PoolHolder() {
    const bool is_resting = other.is_held();
    other.hold_still();
    bytes = std::move(other.bytes);
    if (is_resting) rest();
  }
  FrameInbox& operator=(FrameInbox&&) = delete;
  ~FrameInbox() override { hold_still(); }

  /// The bytes stay where they are until `rest`.
  void hold_still() noexcept {
    if (is_held()) BufferPool::current()->remove_holder(*this);
  }
  /// From here on they may be moved.
  void rest() noexcept {
    if (!bytes.empty() && !is_held()) BufferPool::current()->add_holder(*this);
  }

  Chain bytes;

 private:
  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override { visit(bytes); }
};

}  // namespace weir::detail
