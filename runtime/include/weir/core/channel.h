// Channel: a bounded queue of values between tasks of one shard.
//
//     weir::Channel<Job> jobs(64);
//     co_await jobs.send(std::move(job));                       // waits while the channel is full
//     while (auto job = co_await jobs.receive()) {              // while not cancelled
//       if (!*job) break;                                       // closed, and all has been
//       received work(std::move(**job));
//     }
//
// Any number of senders and receivers, each served in the order of coming. A full channel is
// back-pressure: it never grows. Values live in a ring that is allocated once. Shard-local.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include "weir/base/assert.h"
#include "weir/base/result.h"
#include "weir/core/value_ring.h"
#include "weir/core/wait_queue.h"

namespace weir {

/// What became of a value that was offered with `Channel::try_send`.
enum class TrySend : std::uint8_t { sent, full, closed };

/// Nobody waits when it is destroyed; values still in it are destroyed with it.
/// Invariants: who waits to receive finds the channel empty; who waits to send finds it full;
/// nobody waits on a closed channel.
template <typename T>
class Channel {
  static_assert(std::is_nothrow_move_constructible_v<T>,
                "a value on its way must not get lost to an exception");

 public:
  class [[nodiscard]] SendFrom;
  class [[nodiscard]] Send;
  class [[nodiscard]] Receive;

  /// \param capacity  values it holds, at least 1. No default: it is what bounds the sender.
  explicit Channel(std::size_t capacity) : values_(capacity) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() { WEIR_ASSERT(senders_.empty() && receivers_.empty() /* somebody waits */); }

  /// Yields nothing once the value is in the channel or with a receiver: it is delivered then, and
  /// a later request for cancellation changes nothing. An error says that it was not delivered and
  /// never will be: `Error::channel_closed`, or the reason of the cancellation; the value is
  /// destroyed then.
  [[nodiscard]] Send send(T value) { return Send(*this, std::move(value)); }

  /// The same, but takes `value` only when it delivers it: after an error it is as it was. `value`
  /// outlives the send.
  [[nodiscard]] SendFrom send_from(T& value) noexcept { return SendFrom(*this, value); }

  /// Takes `value` only if the answer is `sent`.
  [[nodiscard]] TrySend try_send(T&& value) noexcept;

  /// Yields the oldest value; `nullopt` when the channel is closed and empty, which is not an
  /// error; or the reason of the cancellation, and then no value is taken.
  [[nodiscard]] Receive receive() noexcept { return Receive(*this); }

  /// The oldest value, or `nullopt` if there is none now.
  [[nodiscard]] std::optional<T> try_receive() noexcept;

  /// No more values: senders, waiting or to come, get `Error::channel_closed`; receivers get what
  /// is in the channel, then its end. No effect the second time.
  void close() noexcept;

  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return values_.capacity(); }

 private:
  [[nodiscard]] T take_oldest() noexcept;

  detail::ValueRing<T> values_;
  detail::WaitQueue<SendFrom> senders_;
  detail::WaitQueue<Receive> receivers_;
  bool closed_ = false;
};

/// The awaitable of `send_from`.
template <typename T>
class Channel<T>::SendFrom : private detail::Waiter {
 public:
  SendFrom(Channel& channel, T& value) noexcept : channel_(channel), value_(&value) {}

  using Waiter::bind;
  bool await_ready() noexcept {
    if (refused()) return true;
    const TrySend offered = channel_.try_send(std::move(*value_));
    if (offered == TrySend::closed) refuse(Error::channel_closed);
    return offered != TrySend::full;
  }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    suspend(coroutine);
    channel_.senders_.push_back(*this);
  }
  Result<void> await_resume() const noexcept { return outcome(); }

 private:
  friend class Channel;
  friend class Send;
  friend class detail::WaitQueue<SendFrom>;
  void on_cancel(std::error_code reason) noexcept override { give_up(reason); }

  Channel& channel_;
  T* value_;
};

/// The awaitable of `send`: the value waits in it.
template <typename T>
class Channel<T>::Send final {
 public:
  Send(Channel& channel, T&& value) noexcept : value_(std::move(value)), send_(channel, value_) {}
  Send(Send&& other) noexcept : value_(std::move(other.value_)), send_(std::move(other.send_)) {
    send_.value_ = &value_;
  }

  void bind(CancelDomain* domain) noexcept { send_.bind(domain); }
  bool await_ready() noexcept { return send_.await_ready(); }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { send_.await_suspend(coroutine); }
  Result<void> await_resume() const noexcept { return send_.await_resume(); }

 private:
  T value_;
  SendFrom send_;
};

/// The awaitable of `receive`.
template <typename T>
class Channel<T>::Receive final : private detail::Waiter {
 public:
  explicit Receive(Channel& channel) noexcept : channel_(channel) {}

  using Waiter::bind;
  bool await_ready() noexcept {
    if (refused()) return true;
    value_ = channel_.try_receive();
    return value_.has_value() || channel_.closed_;
  }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    suspend(coroutine);
    channel_.receivers_.push_back(*this);
  }
  Result<std::optional<T>> await_resume() noexcept {
    if (const Result<void> ended = outcome(); !ended) return fail(ended.error());
    return std::move(value_);
  }

 private:
  friend class Channel;
  friend class detail::WaitQueue<Receive>;
  void on_cancel(std::error_code reason) noexcept override { give_up(reason); }

  Channel& channel_;
  std::optional<T> value_;
};

template <typename T>
TrySend Channel<T>::try_send(T&& value) noexcept {
  if (closed_) return TrySend::closed;
  if (!receivers_.empty()) {
    Receive& first = receivers_.pop_front();
    first.value_.emplace(std::move(value));
    first.resume_soon();
    return TrySend::sent;
  }
  if (values_.full()) return TrySend::full;
  values_.push_back(std::move(value));
  return TrySend::sent;
}

template <typename T>
std::optional<T> Channel<T>::try_receive() noexcept {
  if (values_.empty()) return std::nullopt;
  return take_oldest();
}

/// Precondition: not empty. The place goes to the first that waits to send.
template <typename T>
T Channel<T>::take_oldest() noexcept {
  T oldest = values_.pop_front();
  if (!senders_.empty()) {
    SendFrom& first = senders_.pop_front();
    values_.push_back(std::move(*first.value_));
    first.resume_soon();
  }
  return oldest;
}

template <typename T>
void Channel<T>::close() noexcept {
  closed_ = true;
  while (!receivers_.empty()) receivers_.pop_front().resume_soon();
  while (!senders_.empty()) senders_.front().give_up(Error::channel_closed);
}

}  // namespace weir
