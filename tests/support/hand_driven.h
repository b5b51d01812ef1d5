// A task driven by hand, without a shard: started, suspended at gates, resumed when the test says
// so.
//
//     test::Gate gate;
//     test::HandDriven<int> driven(work(&gate));
//     ASSERT_FALSE(driven.ended());
//     gate.open();
//     EXPECT_EQ(driven.take(), 42);
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "weir/base/assert.h"
#include "weir/core/cancel.h"
#include "weir/core/task.h"

namespace weir::test {

/// Suspends whoever awaits it (by name) until it is opened.
class Gate {
 public:
  [[nodiscard]] bool awaited() const noexcept { return static_cast<bool>(waiting_); }
  void open() { std::exchange(waiting_, {}).resume(); }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { waiting_ = coroutine; }
  void await_resume() const noexcept {}

 private:
  std::coroutine_handle<> waiting_;
};

/// Awaits a task as a coroutine of the lowest kind: eager, and destroyed with this object.
template <typename T>
class HandDriven {
 public:
  explicit HandDriven(Task<T> task, CancelDomain* domain = nullptr) : task_(std::move(task)) {
    task_.bind(domain);
    driver_ = drive(this).coroutine;
    driver_.resume();
  }
  HandDriven(const HandDriven&) = delete;
  HandDriven& operator=(const HandDriven&) = delete;
  ~HandDriven() { driver_.destroy(); }

  [[nodiscard]] bool ended() const noexcept { return driver_.done(); }

  /// What the task yields; throws what left it.
  T take() {
    WEIR_ASSERT(ended());
    return task_.await_resume();
  }

 private:
  struct Driver {
    struct promise_type {
      Driver get_return_object() noexcept {
        return {std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_always initial_suspend() const noexcept { return {}; }
      std::suspend_always final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::terminate(); }
    };
    std::coroutine_handle<promise_type> coroutine;
  };
  struct Started {
    Task<T>* task;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine) noexcept {
      return task->await_suspend(coroutine);
    }
    void await_resume() const noexcept {}
  };

  static Driver drive(HandDriven* self) {
    Started started{&self->task_};
    co_await started;
  }

  Task<T> task_;
  std::coroutine_handle<> driver_;
};

template <typename T>
HandDriven(Task<T>) -> HandDriven<T>;
template <typename T>
HandDriven(Task<T>, CancelDomain*) -> HandDriven<T>;

}  // namespace weir::test
