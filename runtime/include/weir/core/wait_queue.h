// Awaiters in the order in which they came: what events, semaphores and channels keep.
//
// Shard-local and intrusive: waiting allocates nothing, and leaving from the middle (cancellation)
// is O(1). Not for use from outside the library.
#pragma once

#include <system_error>

#include "weir/base/assert.h"
#include "weir/base/list_node.h"
#include "weir/base/result.h"
#include "weir/core/suspension.h"

namespace weir::detail {

template <typename A>
class WaitQueue;

/// An awaiter that may have to wait its turn. Movable until it is awaited.
/// Invariant: in a queue only while suspended; out of it as soon as it is ready to run, so that
/// what it was given cannot be cancelled any more.
class Waiter : public Suspension, private ListNode {
 protected:
  Waiter() = default;
  Waiter(Waiter&& other) noexcept : Suspension(static_cast<Suspension&&>(other)), ListNode() {
    WEIR_ASSERT(!other.linked());
  }
  ~Waiter() = default;

  /// True if the domain is cancelled already: the awaiter yields the reason at once.
  [[nodiscard]] bool refused() noexcept {
    error_ = cancelled();
    return static_cast<bool>(error_);
  }
  void refuse(std::error_code reason) noexcept { error_ = reason; }
  /// The turn has not come and never will: the awaiter resumes and yields `reason`.
  void give_up(std::error_code reason) noexcept {
    error_ = reason;
    unlink();
    resume_soon();
  }
  [[nodiscard]] Result<void> outcome() const noexcept {
    if (error_) return std::unexpected(error_);
    return {};
  }

 private:
  template <typename A>
  friend class WaitQueue;

  std::error_code error_;
};

/// First in, first out. `A` derives from `Waiter`. Not thread-safe.
template <typename A>
class WaitQueue {
 public:
  [[nodiscard]] bool empty() const noexcept { return !list_.linked(); }

  void push_back(A& awaiter) noexcept { node_of(awaiter).link_before(list_); }

  /// Preconditions of both: not empty.
  [[nodiscard]] A& front() noexcept {
    WEIR_ASSERT(!empty());
    return static_cast<A&>(static_cast<Waiter&>(*list_.next()));
  }
  A& pop_front() noexcept {
    A& first = front();
    node_of(first).unlink();
    return first;
  }

 private:
  static ListNode& node_of(A& awaiter) noexcept { return static_cast<Waiter&>(awaiter); }

  ListNode list_;
};

}  // namespace weir::detail
