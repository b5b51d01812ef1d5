// Deframer: drives a codec over what a stream receives, counts where it stands, and keeps the
// error that ended it.
//
//     inbox    [ frame ][ frame ][ fra            next(inbox)    one frame, owned
//              ^ stream_offset()                  batch(inbox)   all whole frames, borrowed
//                                                 finish(inbox)  the peer has ended the stream
//
// Sans I/O: whoever owns the stream appends to the inbox and calls `next` or `batch` until nothing
// comes, then receives more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "weir/base/chain.h"
#include "weir/base/error.h"
#include "weir/base/result.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/frame_batch.h"
#include "weir/protocols/framing_error.h"

namespace weir::protocols {

template <Codec C>
class Deframer {
 public:
  using Frame = typename C::Frame;

  explicit Deframer(C codec) noexcept : codec_(std::move(codec)) {}

  /// The next frame, removed from `inbox`; `nullopt` while bytes are missing. After an error that
  /// the codec does not continue from, the same error each time.
  [[nodiscard, gnu::always_inline]] Result<std::optional<Frame>> next(Chain& inbox) {
    if (has_ended_) [[unlikely]]
      return fail(error_->code);
    return decode(inbox);
  }

  /// The whole frames in `inbox`, at most `frames_max`, lent one after the other. Nothing else may
  /// use the inbox or this object until the batch is destroyed; then the frames that were taken
  /// leave the inbox, and the views die.
  [[nodiscard]] FrameBatch<C> batch(Chain& inbox,
                                    std::size_t frames_max = FrameBatch<C>::frames_max_default)
    requires ViewCodec<C>
  {
    return FrameBatch<C>(*this, inbox, has_ended_ ? 0 : frames_max);
  }

  /// The peer has ended the stream, and `next` finds nothing more in `inbox`. Returns a last frame
  /// if the codec makes one of the rest, `nullopt` if the stream ended between frames, otherwise
  /// Error::end_of_stream; `error()` then says how many bytes were missing.
  [[nodiscard]] Result<std::optional<Frame>> finish(Chain& inbox) {
    if (has_ended_) return fail(error_->code);
    if constexpr (requires { codec_.finish(inbox); }) {
      const std::size_t bytes_before = inbox.size();
      Result<std::optional<Frame>> frame = codec_.finish(inbox);
      if (!frame) {
        note(frame.error());             // where the rest began
        if (!has_ended_) inbox.clear();  // which is what the codec skips
      }
      stream_offset_ += bytes_before - inbox.size();
      if (!frame || *frame || inbox.empty()) return frame;
    }
    if (inbox.empty()) return std::nullopt;
    std::size_t missing_bytes = 1;
    if constexpr (requires { codec_.missing_bytes(inbox); }) {
      missing_bytes = codec_.missing_bytes(inbox);
    }
    has_ended_ = true;
    error_ = FramingError{make_error_code(Error::end_of_stream), stream_offset_, missing_bytes};
    return fail(error_->code);
  }

  /// The last error, also of a frame that was skipped.
  [[nodiscard]] const std::optional<FramingError>& error() const noexcept { return error_; }
  /// True after an error that the codec does not continue from: close the connection.
  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
  /// Bytes of the stream that have left the inbox.
  [[nodiscard]] std::uint64_t stream_offset() const noexcept { return stream_offset_; }
  [[nodiscard]] C& codec() noexcept { return codec_; }

 private:
  friend class FrameBatch<C>;

  // One variable in all returns: the frame is built where the caller wants it.
  [[nodiscard, gnu::always_inline]] Result<std::optional<Frame>> decode(Chain& inbox) {
    const std::size_t bytes_before = inbox.size();
    Result<std::optional<Frame>> frame = codec_.decode(inbox);
    stream_offset_ += bytes_before - inbox.size();
    if (!frame) [[unlikely]]
      note(frame.error());
    return frame;
  }

  [[gnu::noinline]] void note(std::error_code code) {
    error_ = FramingError{code, stream_offset_, 0};
    has_ended_ = true;
    if constexpr (requires { codec_.continues_after_error(); }) {
      has_ended_ = !codec_.continues_after_error();
    }
  }

  C codec_;
  std::uint64_t stream_offset_ = 0;
  std::optional<FramingError> error_;
  bool has_ended_ = false;
};

}  // namespace weir::protocols
