// One shard's listening socket while it accepts.
//
// Like a stream's state it outlives its owner: it deletes itself when the accept source has ended.
// What was accepted and not taken is closed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "reactor/reactor.h"
#include "weir/base/result.h"
#include "weir/core/shard.h"
#include "weir/core/suspension.h"

namespace weir::detail {

class AcceptWait;

class ListenerState final : private DrainObserver {
 public:
  /// Takes over an open listening socket made with the reactor's `socket_flags`.
  explicit ListenerState(int fd) noexcept;
  ListenerState(const ListenerState&) = delete;
  ListenerState& operator=(const ListenerState&) = delete;

  /// Yields a connected descriptor. Errors: accept's, `Error::shutting_down`, cancellation's,
  /// `Error::busy`; `Error::closed` if `close` comes while it waits.
  [[nodiscard]] AcceptWait accept() noexcept;

  /// Leaves new connections in the kernel's backlog until the next `accept`.
  void pause() noexcept;

  /// With the reserve descriptor: accepts one connection and closes it, so that a peer that can't
  /// be served is told. False if there was none, or no reserve.
  bool refuse_one() noexcept;

  /// Stops, closes, and deletes itself, now or when the last completion has come.
  void close() noexcept;

 private:
  friend class AcceptWait;

  class Source final : public reactor::AcceptSource {
   public:
    explicit Source(ListenerState& owner) noexcept
        : AcceptSource(owner.descriptor_), owner_(owner) {}
    void run() noexcept override { owner_.on_accept(); }

   private:
    ListenerState& owner_;
  };

  ~ListenerState();

  void on_drain() noexcept override;
  void on_accept() noexcept;
  [[nodiscard]] bool try_accept(AcceptWait& waiter) noexcept;
  void wait(AcceptWait& waiter) noexcept;
  [[nodiscard]] Result<int> accept_now() noexcept;
  [[nodiscard]] int accept_waiting(int flags) noexcept;
  void open_reserve() noexcept;
  void delete_if_idle() noexcept;

  Shard& shard_;
  reactor::Descriptor descriptor_;
  Source source_;
  AcceptWait* waiter_ = nullptr;
  int reserve_fd_ = -1;
  int error_ = 0;                 ///< of the source's end, not reported yet
  std::size_t backlog_left_ = 0;  ///< while draining: how many more are accepted from the backlog
  bool draining_ = false;
  bool closing_ = false;
};

/// The awaitable of `accept`.
class [[nodiscard]] AcceptWait final : public Suspension {
 public:
  explicit AcceptWait(ListenerState& listener) noexcept : listener_(listener) {}
  bool await_ready() noexcept {
    error_ = cancelled();
    return error_ || listener_.try_accept(*this);
  }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    suspend(coroutine);
    listener_.wait(*this);
  }
  Result<int> await_resume() const noexcept {
    if (error_) return std::unexpected(error_);
    return fd_;
  }

 private:
  friend class ListenerState;
  /// The listener may be gone when the coroutine resumes.
  void fail_soon(std::error_code reason) noexcept {
    error_ = reason;
    resume_soon();
  }
  void on_cancel(std::error_code reason) noexcept override {
    listener_.waiter_ = nullptr;
    fail_soon(reason);
  }

  ListenerState& listener_;
  int fd_ = -1;
  std::error_code error_;
};

inline AcceptWait ListenerState::accept() noexcept { return AcceptWait(*this); }

}  // namespace weir::detail
