// What FramedStream's read(), read_batch() and write() return, to be awaited: done at once where
// that can be, else by a task. Part of framed_stream.h.
#pragma once

#include <optional>
#include <utility>

#include "weir/net/framed_stream.h"
#include "weir/net/now_or_later.h"

namespace weir {

template <protocols::Codec C, ByteStream S>
class [[nodiscard]] FramedStream<C, S>::Read final
    : public detail::NowOrLater<Result<std::optional<typename C::Frame>>> {
 public:
  bool await_ready() {
    if (this->is_cancelled()) return true;
    if (owner_->is_busy()) {
      this->now_.emplace(fail(Error::busy));
      return true;
    }
    if (!owner_->is_others_turn()) {
      if (owner_->take_frame(this->now_)) return true;
      this->now_.reset();
    }
    this->go_on_with(owner_->receive(&FramedStream::take_frame));
    return false;
  }

 private:
  friend FramedStream;
  explicit Read(FramedStream& owner) noexcept : owner_(&owner) {}

  FramedStream* owner_;
};

template <protocols::Codec C, ByteStream S>
class [[nodiscard]] FramedStream<C, S>::ReadBatch final
    : public detail::NowOrLater<Result<typename FramedStream<C, S>::Batch>> {
 public:
  bool await_ready() {
    if (this->is_cancelled()) return true;
    if (owner_->is_busy()) {
      this->now_.emplace(fail(Error::busy));
      return true;
    }
    if (!owner_->is_others_turn() && owner_->take_batch(this->now_)) return true;
    this->go_on_with(owner_->receive(&FramedStream::take_batch));
    return false;
  }

 private:
  friend FramedStream;
  explicit ReadBatch(FramedStream& owner) noexcept : owner_(&owner) {}

  FramedStream* owner_;
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

template <protocols::Codec C, ByteStream S>
class [[nodiscard]] FramedStream<C, S>::WriteView final : public detail::NowOrLater<Result<void>> {
 public:
  [[gnu::always_inline]] bool await_ready() {
    if (!this->is_cancelled() && owner_->queue_small(frame_)) [[likely]]
      return true;
    return is_ready_slowly();
  }
  [[gnu::always_inline]] Result<void> await_resume() {
    if (!is_slow_) [[likely]]
      return {};
    return detail::NowOrLater<Result<void>>::await_resume();
  }

 private:
  friend FramedStream;
  WriteView(FramedStream& owner, protocols::FrameView frame) noexcept
      : owner_(&owner), frame_(frame) {}

  /// Not small, or not now.
  [[gnu::noinline]] bool is_ready_slowly() {
    is_slow_ = true;
    if (this->is_cancelled()) return true;
    if (owner_->is_at_high_water()) {
      this->go_on_with(owner_->write_view_when_drained(frame_));
      return false;
    }
    this->now_.emplace(owner_->queue(frame_));
    return true;
  }

  FramedStream* owner_;
  protocols::FrameView frame_;
  bool is_slow_ = false;
};

}  // namespace weir
