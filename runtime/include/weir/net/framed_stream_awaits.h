// What FramedStream's read(), read_batch() and write() return, to be awaited: done at once where
// that can be, else when the stream has brought enough, or by a task. Part of framed_stream.h.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/core/cancel.h"
#include "weir/net/framed_stream.h"
#include "weir/net/now_or_later.h"
#include "weir/protocols/frame_view.h"

namespace weir {

/// A wait for bytes until `take` has its result, which is looked for where they are delivered: no
/// coroutine in between. Made when the awaitable's address is final.
template <protocols::Codec C, ByteStream S>
template <typename T>
class FramedStream<C, S>::Arrival final : public S::ReadUntil {
 public:
  Arrival(FramedStream& owner, std::optional<T>& result) noexcept
      : S::ReadUntil(owner.stream_), owner_(&owner), result_(&result) {
    owner.is_receiving_ = true;
    owner.inbox_.rest();
  }

  /// To be called once, at the end. \returns why nothing more comes, or none: then there is a
  /// result
  [[nodiscard]] std::error_code finish() {
    owner_->is_receiving_ = false;
    if (thrown_) [[unlikely]]
      std::rethrow_exception(std::move(thrown_));
    return this->error();
  }

 private:
  bool is_enough(Chain& arrived) noexcept override {
    owner_->add(arrived);
    try {
      if (owner_->take(*result_)) return true;
    } catch (...) {  // by a codec of somebody else's: for whoever reads
      thrown_ = std::current_exception();
    }
    owner_->inbox_.rest();
    return thrown_ != nullptr;
  }

  FramedStream* owner_;
  std::optional<T>* result_;
  std::exception_ptr thrown_;
};

/// A read, of a frame or of a batch. Over a stream without `ReadUntil`, and when it is the turn of
/// others, a task receives.
template <protocols::Codec C, ByteStream S>
template <typename T>
class [[nodiscard]] FramedStream<C, S>::Reading final : public detail::NowOrLater<T> {
 public:
  bool await_ready() {
    if constexpr (reads_until) arrival_.reset();  // of the time before, if it is awaited again
    if (this->is_cancelled()) return true;
    if (owner_->is_busy()) {
      this->now_.emplace(fail(Error::busy));
      return true;
    }
    if (!owner_->is_others_turn()) {
      if (owner_->take(this->now_)) return true;
      if constexpr (reads_until) {
        arrival_.emplace(*owner_, this->now_);
        arrival_->bind(this->domain());
        return arrival_->await_ready();
      }
    }
    this->now_.reset();
    this->go_on_with(owner_->template receive<T>());
    return false;
  }
  bool await_suspend(std::coroutine_handle<> coroutine) noexcept {
    if constexpr (reads_until) {
      if (arrival_) [[likely]] {
        arrival_->await_suspend(coroutine);
        return true;
      }
    }
    return detail::NowOrLater<T>::await_suspend(coroutine);
  }
  T await_resume() {
    if constexpr (reads_until) {
      if (arrival_) {
        if (const std::error_code error = arrival_->finish()) return fail(error);
      }
    }
    return detail::NowOrLater<T>::await_resume();
  }

 private:
  friend FramedStream;
  explicit Reading(FramedStream& owner) noexcept : owner_(&owner) {}

  struct NoArrival {};

  FramedStream* owner_;
  [[no_unique_address]] std::conditional_t<reads_until, std::optional<Arrival<T>>, NoArrival>
      arrival_;
};

template <protocols::Codec C, ByteStream S>
class [[nodiscard]] FramedStream<C, S>::Write final : public detail::NowOrLater<Result<void>> {
 public:
  bool await_ready() {
    if (this->is_cancelled()) return true;
    if (owner_->is_at_high_water()) {
      this->go_on_with(owner_->write_when_drained(&frame_));
      return false;
    }
    this->now_.emplace(owner_->queue(std::move(frame_)));
    return true;
  }

 private:
  friend FramedStream;
  Write(FramedStream& owner, Frame&& frame) noexcept : owner_(&owner), frame_(std::move(frame)) {}

  FramedStream* owner_;
  Frame frame_;
};

/// A small frame is written with next to nothing done for the rest of what a write can be.
template <protocols::Codec C, ByteStream S>
class [[nodiscard]] FramedStream<C, S>::WriteView final {
 public:
  void bind(CancelDomain* domain) noexcept { domain_ = domain; }
  [[gnu::always_inline]] bool await_ready() {
    slow_.reset();  // of the time before, if it is awaited again
    if ((domain_ == nullptr || !domain_->requested()) && owner_->queue_small(data_, size_, buffer_))
        [[likely]]
      return true;
    return is_ready_slowly();
  }
  bool await_suspend(std::coroutine_handle<> coroutine) noexcept {
    return slow_->await_suspend(coroutine);
  }
  [[gnu::always_inline]] Result<void> await_resume() {
    if (!slow_) [[likely]]
      return {};
    return slow_->await_resume();
  }

 private:
  friend FramedStream;
  WriteView(FramedStream& owner, const protocols::FrameView& frame) noexcept
      : owner_(&owner), data_(frame.data()), size_(frame.size()), buffer_(frame.buffer()) {}

  /// Not small, or not now.
  class Slow final : public detail::NowOrLater<Result<void>> {
   public:
    bool await_ready(FramedStream& owner, const protocols::FrameView& frame) {
      if (this->is_cancelled()) return true;
      if (owner.is_at_high_water()) {
        this->go_on_with(owner.write_view_when_drained(frame));
        return false;
      }
      this->now_.emplace(owner.queue(frame));
      return true;
    }
  };

  [[gnu::noinline]] bool is_ready_slowly() {
    slow_.emplace();
    slow_->bind(domain_);
    return slow_->await_ready(*owner_, protocols::FrameView(data_, size_, buffer_));
  }

  FramedStream* owner_;
  CancelDomain* domain_ = nullptr;
  // The frame, in its parts: see `queue_small`.
  const std::byte* data_;
  std::size_t size_;
  const Buffer* buffer_;
  std::optional<Slow> slow_;
};

}  // namespace weir
