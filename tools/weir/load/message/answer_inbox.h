// Received bytes that wait for the rest of their answer. Between two calls the pool may copy them
// together, so that many connections with an answer begun do not pin a slab each.
#pragma once

#include "weir/base/buffer_pool.h"
#include "weir/base/chain.h"
#include "weir/base/function_ref.h"
#include "weir/base/pool_holder.h"

namespace weir::tools::load {

class AnswerInbox final : private PoolHolder {
 public:
  AnswerInbox() noexcept = default;
  AnswerInbox(const AnswerInbox&) = delete;
  AnswerInbox& operator=(const AnswerInbox&) = delete;
  ~AnswerInbox() override { hold_still(); }

  /// The bytes stay where they are until `rest`.
  void hold_still() noexcept {
    if (is_held()) BufferPool::current()->remove_holder(*this);
  }
  /// From here on they may be moved. Without a pool nobody does.
  void rest() noexcept {
    BufferPool* const pool = BufferPool::current();
    if (!bytes.empty() && !is_held() && pool != nullptr) pool->add_holder(*this);
  }

  Chain bytes;

 private:
  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override { visit(bytes); }
};

}  // namespace weir::tools::load
