// A task started on its own: the root of a chain of awaits that nobody awaits directly.
//
// `Branch` is what scopes, `when_all`, `when_any` and calls from other shards run their tasks in.
// It starts from the ready queue, destroys its own frame at its end, and then tells its owner.
#pragma once

#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

#include "weir/base/allocate.h"
#include "weir/core/await_reference.h"
#include "weir/core/cancel.h"
#include "weir/core/shard.h"
#include "weir/core/task.h"

namespace weir::detail {

/// Hears of the end of its branches. Outlives them.
class BranchOwner {
 public:
  BranchOwner() = default;
  BranchOwner(BranchOwner&&) = default;  // only while no branch runs
  BranchOwner& operator=(BranchOwner&&) = delete;

  /// The branch's frame is gone. `exception`: what left the task, null if nothing did.
  virtual void branch_ended(std::exception_ptr exception) noexcept = 0;

 protected:
  ~BranchOwner() = default;
};

/// Return type of the coroutines that `start_branch` makes.
class Branch {
 public:
  class promise_type final : public Runnable {
   public:
    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept {
      deallocate_frame(frame, bytes);
    }

    struct FinalAwaiter {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
        BranchOwner& owner = *self.promise().owner_;
        std::exception_ptr exception = std::move(self.promise().exception_);
        self.destroy();
        owner.branch_ended(std::move(exception));
      }
      void await_resume() const noexcept {}
    };

    Branch get_return_object() noexcept { return Branch(*this); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { exception_ = std::current_exception(); }

    template <typename A>
    auto await_transform(A&& awaitable) const noexcept {
      return await_in(domain_, awaitable);
    }

    void run() noexcept override {
      std::coroutine_handle<promise_type>::from_promise(*this).resume();
    }

   private:
    friend class Branch;
    BranchOwner* owner_ = nullptr;
    CancelDomain* domain_ = nullptr;
    std::exception_ptr exception_;
  };

  /// Makes the branch ready: it runs later in this turn or in the next, never inside this call.
  void start(BranchOwner& owner, CancelDomain* domain) && noexcept {
    promise_.owner_ = &owner;
    promise_.domain_ = domain;
    Shard::current().make_ready(promise_);
  }

 private:
  explicit Branch(promise_type& promise) noexcept : promise_(promise) {}
  promise_type& promise_;
};

}  // namespace weir::detail
