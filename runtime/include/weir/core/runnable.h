// What a shard runs next: an intrusive first-in first-out queue of things that are ready.
//
// A completed operation, a coroutine to resume and a due timer are all `Runnable`s embedded in
// whatever owns them, so making one ready allocates nothing and costs two stores. Shard-local: no
// atomics.
#pragma once

#include <coroutine>
#include <cstddef>

#include "weir/base/assert.h"

namespace weir {

/// Something a shard can run once. Owned by whoever embeds it; queued at most once at a time.
/// Movable only while it is not queued, so that an awaitable may be passed on before it is awaited.
class Runnable {
 public:
  Runnable() = default;
  Runnable(Runnable&& other) noexcept { WEIR_ASSERT(!other.queued()); }
  Runnable& operator=(Runnable&&) = delete;

  /// Called by the shard, outside of every submit and every other `run()`. May destroy the object.
  virtual void run() noexcept = 0;

  [[nodiscard]] bool queued() const noexcept { return next_ != nullptr; }

 protected:
  ~Runnable() { WEIR_ASSERT(!queued()); }

 private:
  friend class ReadyQueue;
  Runnable* next_ = nullptr;  ///< the next in the queue, itself if it is the last; null: not queued
};

/// First in, first out. Not thread-safe.
class ReadyQueue {
 public:
  ReadyQueue() = default;
  ReadyQueue(const ReadyQueue&) = delete;
  ReadyQueue& operator=(const ReadyQueue&) = delete;

  [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Precondition: `runnable` is not queued.
  void push(Runnable& runnable) noexcept {
    WEIR_ASSERT(!runnable.queued());
    runnable.next_ = &runnable;
    if (head_ == nullptr) {
      head_ = &runnable;
    } else {
      tail_->next_ = &runnable;
    }
    tail_ = &runnable;
    ++size_;
  }

  /// Precondition: not empty.
  [[nodiscard]] Runnable& pop() noexcept {
    WEIR_ASSERT(head_ != nullptr);
    Runnable& first = *head_;
    head_ = first.next_ == &first ? nullptr : first.next_;
    first.next_ = nullptr;
    --size_;
    return first;
  }

  /// Takes a queued runnable out again. O(n): only for teardown and cancellation of rare things.
  void remove(Runnable& runnable) noexcept {
    WEIR_ASSERT(runnable.queued());
    Runnable* before = nullptr;
    for (Runnable* at = head_; at != &runnable; at = at->next_) before = at;
    Runnable* const after = runnable.next_ == &runnable ? nullptr : runnable.next_;
    if (before == nullptr) {
      head_ = after;
    } else {
      before->next_ = after == nullptr ? before : after;
    }
    if (tail_ == &runnable) tail_ = before;
    runnable.next_ = nullptr;
    --size_;
  }

 private:
  Runnable* head_ = nullptr;
  Runnable* tail_ = nullptr;
  std::size_t size_ = 0;
};

/// Resumes one coroutine.
class Resumption final : public Runnable {
 public:
  void set(std::coroutine_handle<> coroutine) noexcept { coroutine_ = coroutine; }
  void run() noexcept override { coroutine_.resume(); }

 private:
  std::coroutine_handle<> coroutine_;
};

}  // namespace weir
