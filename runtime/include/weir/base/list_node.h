// A link of an intrusive, circular, doubly linked list: O(1) in and out, no allocation. The list
// itself is a ListNode too, linked to itself when empty.
#pragma once

#include "weir/base/assert.h"

namespace weir::detail {

/// Leaves its list when destroyed. Neither copied nor moved: neighbours point here.
class ListNode {
 public:
  ListNode() noexcept = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  /// True while on a list; for a list: while it has members.
  [[nodiscard]] bool linked() const noexcept { return next_ != this; }

  [[nodiscard]] ListNode* next() const noexcept { return next_; }

  /// Puts this node, which must be on no list, before `position`; before the list: at its end.
  void link_before(ListNode& position) noexcept {
    WEIR_ASSERT(!linked());
    previous_ = position.previous_;
    next_ = &position;
    previous_->next_ = this;
    position.previous_ = this;
  }

  /// Leaves the list; nothing happens on no list.
  void unlink() noexcept {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = this;
  }

 private:
  ListNode* previous_ = this;
  ListNode* next_ = this;
};

}  // namespace weir::detail
