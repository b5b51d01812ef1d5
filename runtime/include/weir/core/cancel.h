// Cancellation: a tree of domains, shard-local, without atomics.
//
//     Scope / with_deadline / when_any           each opens a domain under the one it runs in
//        CancelDomain --- subscriber (a suspended operation)
//                    \--- CancelDomain (an inner one) --- subscriber
//
// Every suspended operation subscribes to the domain of its task. A request walks the tree once and
// asks each subscriber to stop; it resumes nothing by itself. An operation that the kernel still
// works on ends when its last completion has come, so a request is never the end, only the
// beginning of it. After a request, operations newly started in the domain end at once with its
// reason, except those that clean up (`close`, joining a scope), which ignore cancellation.
#pragma once

#include <system_error>
#include <utility>

#include "weir/base/assert.h"
#include "weir/base/error.h"

namespace weir {

class CancelDomain;

namespace detail {
struct CancelLinks {
  CancelLinks* next = nullptr;
  CancelLinks* prev = nullptr;
};
}  // namespace detail

/// Something that a request for cancellation reaches. Embedded in an operation; at most in one
/// domain. Movable only while it is in none.
class CancelSubscriber : private detail::CancelLinks {
 public:
  CancelSubscriber() = default;
  CancelSubscriber(CancelSubscriber&& other) noexcept : CancelLinks{} {
    WEIR_ASSERT(!other.subscribed());
  }
  CancelSubscriber& operator=(CancelSubscriber&&) = delete;

  /// `domain` may be null: never cancelled. Precondition: not cancelled already.
  void subscribe(CancelDomain* domain) noexcept;

  void unsubscribe() noexcept {
    if (next == nullptr) return;
    next->prev = prev;
    prev->next = next;
    next = prev = nullptr;
  }

  [[nodiscard]] bool subscribed() const noexcept { return next != nullptr; }

 protected:
  ~CancelSubscriber() { unsubscribe(); }

  /// The request. Already unsubscribed when called. Must not resume a coroutine or run user code
  /// before it returns: make something ready instead.
  virtual void on_cancel(std::error_code reason) noexcept = 0;

 private:
  friend class CancelDomain;
};

/// What one request stops. A domain lives at least as long as everything subscribed to it.
class CancelDomain final : private CancelSubscriber {
 public:
  CancelDomain() noexcept : list_{&list_, &list_} {}
  CancelDomain(CancelDomain&& other) noexcept
      : CancelSubscriber(static_cast<CancelSubscriber&&>(other)), list_{&list_, &list_} {
    WEIR_ASSERT(other.list_.next == &other.list_ && !other.requested());
  }
  explicit CancelDomain(CancelDomain* parent) noexcept : CancelDomain() { attach(parent); }
  ~CancelDomain() { WEIR_ASSERT(list_.next == &list_); }

  /// Puts this domain under `parent` (null: under none). If the parent is cancelled already, so is
  /// this.
  void attach(CancelDomain* parent) noexcept {
    unsubscribe();
    if (parent == nullptr) return;
    if (parent->requested()) {
      request(parent->reason());
    } else {
      subscribe(parent);
    }
  }

  /// Asks everything subscribed to stop. The first reason stands; later requests do nothing.
  void request(std::error_code reason = Error::cancelled) noexcept {
    WEIR_ASSERT(reason);
    if (requested()) return;
    reason_ = reason;
    while (list_.next != &list_) {
      auto& first = static_cast<CancelSubscriber&>(*list_.next);
      first.unsubscribe();
      first.on_cancel(reason);
    }
  }

  [[nodiscard]] bool requested() const noexcept { return static_cast<bool>(reason_); }

  /// Why, once requested: `Error::cancelled`, `Error::deadline_exceeded` or what the requester
  /// said.
  [[nodiscard]] std::error_code reason() const noexcept { return reason_; }

 private:
  friend class CancelSubscriber;
  void on_cancel(std::error_code reason) noexcept override { request(reason); }

  detail::CancelLinks list_;
  std::error_code reason_;
};

inline void CancelSubscriber::subscribe(CancelDomain* domain) noexcept {
  WEIR_ASSERT(!subscribed());
  if (domain == nullptr) return;
  WEIR_ASSERT(!domain->requested());
  next = &domain->list_;
  prev = domain->list_.prev;
  prev->next = this;
  domain->list_.prev = this;
}

}  // namespace weir
