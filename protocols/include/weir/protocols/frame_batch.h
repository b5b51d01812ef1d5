// FrameBatch: the whole frames of an inbox, found one by one as the caller walks over them.
//
//     auto batch = deframer.batch(inbox);
//     for (FrameView frame : batch) { ... }
//     if (batch.error()) ...                 // a bad frame ended the walk
//
// Lazy, so that no list of frames is stored and each is looked at while its bytes are in the
// cache. The inbox is not touched until the batch ends, and then once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <system_error>

#include "weir/base/assert.h"
#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/byte_finder.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/frame_view.h"

namespace weir::protocols {

template <Codec C>
class Deframer;

template <Codec C>
class FrameBatch {
 public:
  /// A peer that sends nothing but tiny frames must not keep its shard from serving the others:
  /// whoever drives a stream goes on with the rest in its next turn.
  static constexpr std::size_t frames_max_default = 256;

  class Iterator;

  FrameBatch(const FrameBatch&) = delete;
  FrameBatch& operator=(const FrameBatch&) = delete;
  /// Takes the frames that were found out of the inbox.
  ~FrameBatch() {
    if (cursor_.position() != 0) inbox_->trim_front(cursor_.position());
    deframer_->stream_offset_ = offset_before_ + cursor_.position();
  }

  /// The next frame; `nullopt` if bytes are missing for it, and after `frames_max` frames. After
  /// an error that the codec continues from, call again.
  [[nodiscard]] Result<std::optional<FrameView>> next() {
    if (frames_left_ == 0) [[unlikely]]
      return deframer_->has_ended_ ? end_again() : std::nullopt;
    --frames_left_;
    Result<std::optional<FrameView>> frame = deframer_->codec_.decode(cursor_);
    if (!frame) [[unlikely]] {
      note(frame.error());
    } else if (!*frame) {
      ++frames_left_;
    }
    return frame;
  }

  /// Walks over the frames, each once.
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  /// The error that ended the walk, or none.
  [[nodiscard]] std::error_code error() const noexcept { return error_; }
  /// True after `frames_max` frames: there may be more.
  [[nodiscard]] bool is_full() const noexcept {
    return frames_left_ == 0 && !deframer_->has_ended_;
  }

 private:
  friend class Deframer<C>;

  FrameBatch(Deframer<C>& deframer, Chain& inbox, std::size_t frames_max) noexcept
      : deframer_(&deframer),
        inbox_(&inbox),
        cursor_(inbox),
        offset_before_(deframer.stream_offset_),
        frames_left_(frames_max) {
    if (deframer.has_ended_) error_ = deframer.error_->code;
  }

  [[gnu::noinline]] std::optional<FrameView> next_of_walk() {
    if (cursor_.empty() && frames_left_ != 0) return std::nullopt;  // no codec finds a frame there
    const Result<std::optional<FrameView>> frame = next();
    return frame ? *frame : std::nullopt;
  }

  [[nodiscard]] Result<std::optional<FrameView>> end_again() const noexcept {
    return fail(deframer_->error_->code);
  }

  [[gnu::noinline]] void note(std::error_code error) {
    error_ = error;
    deframer_->stream_offset_ = offset_before_ + cursor_.position();
    deframer_->note(error);
    if (deframer_->has_ended_) frames_left_ = 0;
  }

  Deframer<C>* deframer_;
  Chain* inbox_;
  ByteCursor cursor_;
  std::uint64_t offset_before_;
  std::size_t frames_left_;
  std::error_code error_;
};

/// Knows by itself where it stands in the current buffer: in the loop over usual frames it reads
/// nothing back that it wrote.
template <Codec C>
class FrameBatch<C>::Iterator {
 public:
  using value_type = FrameView;
  using difference_type = std::ptrdiff_t;

  explicit Iterator(FrameBatch& batch) : batch_(&batch) {
    look_where_the_batch_stands();
    ++*this;
  }
  /// Begins with a frame from elsewhere: what the codec made of the end of the stream.
  Iterator(FrameBatch& batch, FrameView first) : batch_(&batch) {
    look_where_the_batch_stands();
    lend(first.data(), first.size(), first.buffer());
  }
  [[nodiscard]] FrameView operator*() const noexcept {
    return {frame_data_, frame_bytes_, frame_buffer_};
  }
  [[gnu::always_inline]] Iterator& operator++() {
    if constexpr (QuickCodec<C>) {
      FrameExtent extent;
      const auto contiguous_bytes = static_cast<std::size_t>(end_ - at_);
      if (frames_left_ != 0 && batch_->deframer_->codec_.find_quickly(at_, contiguous_bytes,
                                                                      finder_, extent)) [[likely]] {
        WEIR_ASSERT_SLOW(extent.wire_bytes <= contiguous_bytes);
        batch_->frames_left_ = --frames_left_;
        lend(at_ + extent.offset, extent.size, buffer_);
        at_ += extent.wire_bytes;
        if (extent.wire_bytes < contiguous_bytes) [[likely]] {
          batch_->cursor_.move_to(at_);
        } else {
          batch_->cursor_.advance(extent.wire_bytes);
          look_where_the_batch_stands();
        }
        return *this;
      }
    }
    ask_the_batch();
    return *this;
  }
  void operator++(int) { ++*this; }
  [[nodiscard]] friend bool operator==(const Iterator& it, std::default_sentinel_t) noexcept {
    return it.is_at_end_;
  }

 private:
  // This iterator's address stays here, so that its members can live in registers.
  [[gnu::always_inline]] void ask_the_batch() {
    const std::optional<FrameView> frame = batch_->next_of_walk();
    is_at_end_ = !frame;
    if (frame) {
      lend(frame->data(), frame->size(), frame->buffer());
      look_where_the_batch_stands();
    }
  }

  [[gnu::always_inline]] void lend(const std::byte* data, std::size_t bytes,
                                   const Buffer* buffer) noexcept {
    frame_data_ = data;
    frame_bytes_ = bytes;
    frame_buffer_ = buffer;
  }

  [[gnu::always_inline]] void look_where_the_batch_stands() noexcept {
    at_ = batch_->cursor_.data();
    end_ = at_ + batch_->cursor_.contiguous_bytes();
    finder_ = ByteFinder(at_);
    buffer_ = batch_->cursor_.buffer();
    frames_left_ = batch_->frames_left_;
  }

  // The frame is in pieces that are no neighbours. In a coroutine this lies in memory; neighbours,
  // written one by one, would be read as a pair, which waits until both have left the store buffer.
  FrameBatch* batch_;
  const std::byte* frame_data_ = nullptr;
  const std::byte* at_ = nullptr;
  std::size_t frame_bytes_ = 0;
  const std::byte* end_ = nullptr;
  const Buffer* frame_buffer_ = nullptr;
  ByteFinder finder_{nullptr};
  const Buffer* buffer_ = nullptr;
  std::size_t frames_left_ = 0;
  bool is_at_end_ = false;
};

}  // namespace weir::protocols
