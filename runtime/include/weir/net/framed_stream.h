// FramedStream: frames over a byte stream. A codec decides where they begin and end.
//
//     stream.read() --> inbox --> codec --> read(), read_batch()
//                                           write(frame) --> codec --> the stream's out-queue
//
//     weir::FramedStream framed(std::move(stream), codec);
//     for (;;) {
//       auto frames = co_await framed.read_batch();        // one resume for all that has arrived
//       if (!frames && framed.continues_after(frames.error())) continue;  // a bad one was skipped
//       if (!frames) co_return std::unexpected(frames.error());
//       if (frames->empty()) co_return weir::Result<void>();          // the peer has ended
//       for (weir::protocols::FrameView frame : *frames) { ... }
//     }
//
// Belongs to the stream's shard. One task reads at a time; any number may write.
//
// Fair: after 256 frames that were there already, a read lets the shard's other tasks go on first.
//
// Bounded: the inbox holds less than one frame of the codec's largest and what one read of the
// stream brings; the out-queue the stream's high-water mark and one frame a writer on top.
//
// A read that is cancelled or times out loses nothing: the part of a frame that has arrived stays.
#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "weir/base/assert.h"
#include "weir/base/buffer.h"
#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/core/sleep.h"
#include "weir/core/task.h"
#include "weir/net/address.h"
#include "weir/net/byte_stream.h"
#include "weir/net/frame_inbox.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/deframer.h"

namespace weir {

/// Move-only; must not be moved or destroyed while a read or write waits or a batch lives.
template <protocols::Codec C, ByteStream S>
class FramedStream {
 public:
  using Frame = typename C::Frame;
  // Such a frame works until somebody makes one within a co_await expression.
  static_assert(!std::is_aggregate_v<Frame> || std::is_trivially_destructible_v<Frame>,
                "the codec's Frame needs a constructor: GCC 12 destroys an aggregate that is made "
                "within a co_await expression twice");

  class Batch;
  template <typename T>
  class Reading;
  using Read = Reading<Result<std::optional<Frame>>>;
  using ReadBatch = Reading<Result<Batch>>;
  class Write;
  class WriteView;

  /// Whether the stream can look for frames where it delivers bytes.
  static constexpr bool reads_until = requires(S& stream) {
    { stream.read() } -> std::same_as<typename S::ReadUntil::Read>;
  };

  /// Whether a view can stand for a frame.
  static constexpr bool is_view_written =
      protocols::ViewCodec<C> && std::same_as<typename C::Frame, Chain>;

  /// Takes the stream over, and a codec for each direction.
  FramedStream(S stream, C reader, C writer) noexcept
      : stream_(std::move(stream)), deframer_(std::move(reader)), writer_(std::move(writer)) {}
  /// The same codec for both.
  FramedStream(S stream, const C& codec)
    requires std::copy_constructible<C>
      : FramedStream(std::move(stream), C(codec), C(codec)) {}
  FramedStream(FramedStream&& other) noexcept
      : stream_(std::move(other.stream_)),
        deframer_(std::move(other.deframer_)),
        writer_(std::move(other.writer_)),
        inbox_(std::move(other.inbox_)),
        rest_(std::move(other.rest_)),
        unreported_(other.unreported_),
        frames_in_turn_(other.frames_in_turn_),
        has_ended_(other.has_ended_) {
    WEIR_ASSERT(!other.is_busy());
  }
  FramedStream& operator=(FramedStream&&) = delete;
  ~FramedStream() { WEIR_ASSERT(!is_busy()); }

  /// Yields the next frame, owned; `nullopt` at the end of the stream, again and again. Errors:
  /// what the codec refuses; `Error::end_of_stream` if the stream ends inside a frame; what the
  /// stream's read fails with; `Error::busy` while another read waits or a batch lives.
  [[nodiscard]] Read read() noexcept { return Read(*this); }

  /// Yields all whole frames that have arrived, at least one, borrowed: the views die with the
  /// batch, and what it has walked over is taken. At most 256 of them. An empty batch at the end of
  /// the stream. Errors as `read`; one behind good frames is the next read's.
  [[nodiscard]] ReadBatch read_batch() noexcept
    requires protocols::ViewCodec<C>
  {
    return ReadBatch(*this);
  }

  /// Yields when the frame is encoded into the stream's out-queue, which leaves at the end of this
  /// turn in one gather; waits before that while the out-queue is at its high-water mark. Errors:
  /// what the codec refuses; what the stream's `queue` and `drained` fail with. Nothing is queued
  /// then, and nothing when it is cancelled.
  [[nodiscard]] Write write(Frame frame) noexcept { return Write(*this, std::move(frame)); }
  /// The same with a borrowed frame, such as one of a batch, which must live until this has been
  /// awaited: a small one is copied once, into the out-queue.
  //
  // By reference: the copy for a parameter is one of the whole, which is slow: see `queue_small`.
  [[nodiscard]] WriteView write(const protocols::FrameView& frame) noexcept
    requires is_view_written
  {
    return WriteView(*this, frame);
  }

  /// The same without waiting: `Error::out_queue_full` at the high-water mark.
  Result<void> queue(Frame frame) {
    if (Chain* const out = open_queue()) [[likely]]
      return encode_into(*out, std::move(frame));
    Chain bytes;
    const Result<void> encoded = writer_.encode(std::move(frame), bytes);
    return encoded ? stream_.queue(std::move(bytes)) : encoded;
  }
  Result<void> queue(protocols::FrameView frame)
    requires is_view_written
  {
    return queue_small(frame.data(), frame.size(), frame.buffer()) ? Result<void>()
                                                                   : queue(frame.retain());
  }

  /// Yields when the kernel has taken all that was written before.
  [[nodiscard]] auto flush() noexcept { return stream_.flush(); }

  /// The last error of the framing, with its place in the stream; none if the stream failed.
  [[nodiscard]] const std::optional<protocols::FramingError>& framing_error() const noexcept {
    return deframer_.error();
  }
  /// `error` of the last read: true if it is that of a frame that the codec skips: the next read
  /// goes on behind it. All other errors of a read come again and again, or are for the caller to
  /// deal with.
  [[nodiscard]] bool continues_after(std::error_code error) const noexcept {
    const auto& framing = deframer_.error();
    return framing && framing->code == error && !deframer_.has_ended();
  }
  /// The error of the last read as a sentence for a log: the peer, the place, the reason.
  [[nodiscard]] std::string explain(std::error_code error) const {
    const auto& framing = deframer_.error();
    const bool is_framing = framing && framing->code == error;
    return peer_text() + ": " + (is_framing ? framing->to_string() : error.message());
  }
  /// The error of a write or flush: the peer and the reason.
  [[nodiscard]] std::string explain_write(std::error_code error) const {
    return peer_text() + ": cannot write: " + error.message();
  }

  /// Bytes that have arrived and are in no frame that was read. When a read was cut by a deadline:
  /// 0 if the peer is between frames (idle), else what it has sent of the next one (slow).
  [[nodiscard]] std::size_t unread_bytes() const noexcept { return inbox_.bytes.size(); }

  /// For options, addresses and closing. Reading from it takes bytes out of the midst of frames.
  [[nodiscard]] S& stream() noexcept { return stream_; }
  [[nodiscard]] C& reader() noexcept { return deframer_.codec(); }
  [[nodiscard]] C& writer() noexcept { return writer_; }

 private:
  struct NoFrames {};
  template <typename X>
  struct Lent {
    using Frames = NoFrames;
    using Position = NoFrames;
  };
  template <protocols::ViewCodec X>
  struct Lent<X> {
    using Frames = protocols::FrameBatch<X>;
    using Position = typename Frames::Iterator;
  };
  /// Makes a batch where it is to stay: it does not move.
  struct FramesInPlace {
    FramedStream* owner;
    // For optional::emplace. NOLINTNEXTLINE(google-explicit-constructor)
    operator typename Lent<C>::Frames() const {
      return owner->deframer_.batch(owner->inbox_.bytes);
    }
  };

  using Value = Result<std::optional<Frame>>;

  /// A peer that sends nothing but tiny frames must not keep the shard from serving the others.
  static constexpr std::size_t frames_in_turn_max = 256;

  template <typename T>
  class Arrival;

  [[nodiscard]] std::string peer_text() const {
    const Result<Address> peer = stream_.peer_address();
    return peer ? peer->to_string() : std::string("peer");
  }
  [[nodiscard]] bool is_busy() const noexcept { return is_receiving_ || is_lent_; }
  [[nodiscard]] bool is_others_turn() const noexcept {
    return frames_in_turn_ >= frames_in_turn_max;
  }
  /// Where frames are encoded without a chain of their own, if the stream offers that and takes
  /// any.
  [[nodiscard]] Chain* open_queue() noexcept {
    if constexpr (requires { stream_.open_queue(); }) return stream_.open_queue();
    return nullptr;
  }
  /// What a codec that fails has appended is not sent.
  template <typename F>
  [[nodiscard, gnu::always_inline]] Result<void> encode_into(Chain& out, F&& frame) {
    const std::size_t bytes_before = out.size();
    const Result<void> encoded = writer_.encode(std::forward<F>(frame), out);
    if (!encoded) [[unlikely]]
      out.trim_back(out.size() - bytes_before);
    return encoded;
  }
  /// False, with nothing queued, if it is not small or something is in its way.
  //
  // Out of line, with a plain result and the view in its parts: coroutines keep their locals in
  // memory. What is written there field by field and then copied or read as a whole waits for the
  // store buffer, which was a third of what a frame of 64 bytes cost here.
  [[nodiscard, gnu::noinline]] bool queue_small(const std::byte* data, std::size_t size,
                                                const Buffer* buffer) {
    if constexpr (requires(Chain& out, std::span<const std::byte> bytes) {
                    writer_.encode(bytes, out);
                  }) {
      if (size >= protocols::FrameView::copied_bytes_max) return false;
      if (!protocols::FrameView(data, size, buffer).is_contiguous()) [[unlikely]]
        return false;
      Chain* const out = open_queue();
      if (out == nullptr) [[unlikely]]
        return false;
      const std::span<const std::byte> bytes(data, size);
      return encode_into(*out, bytes).has_value();
    }
    return false;
  }
  [[nodiscard]] bool is_at_high_water() const noexcept {
    return stream_.queued_bytes() >= stream_.limits().high_water_bytes;
  }

  void add(Chain& arrived) {
    frames_in_turn_ = 0;
    has_ended_ = arrived.empty();
    inbox_.bytes.append(std::move(arrived));
  }

  /// True, with the result, if it needs no more bytes: a frame.
  [[nodiscard]] bool take(std::optional<Value>& result) {
    ++frames_in_turn_;
    if (take_unreported(result)) return true;
    if (rest_) {
      result.emplace(std::exchange(rest_, std::nullopt));
      return true;
    }
    Chain& inbox = inbox_.bytes;
    result.emplace(deframer_.next(inbox));
    if (*result && !**result) {
      if (!has_ended_) return false;
      result.emplace(deframer_.finish(inbox));
    }
    inbox_.rest();
    return true;
  }

  /// All frames that are there.
  [[nodiscard]] bool take(std::optional<Result<Batch>>& result) {
    if (take_unreported(result)) return true;
    if (inbox_.bytes.empty() && !rest_ && !has_ended_ && !deframer_.has_ended()) return false;
    lend();
    if (*position_ == std::default_sentinel) {
      const std::error_code error = frames_->error();
      take_back();
      if (error) {
        result.emplace(fail(error));
        return true;
      }
      if (!has_ended_) return false;
      Value rest = deframer_.finish(inbox_.bytes);
      if (!rest) {
        result.emplace(fail(rest.error()));
        return true;
      }
      rest_ = std::move(*rest);
      lend();
    }
    is_lent_ = true;
    result.emplace(Batch(*this));
    return true;
  }

  template <typename T>
  [[nodiscard]] bool take_unreported(std::optional<T>& result) noexcept {
    if (!unreported_) return false;
    result.emplace(fail(std::exchange(unreported_, {})));
    return true;
  }

  struct UnlessLent {
    FramedStream* owner;
    ~UnlessLent() {
      if (owner != nullptr) owner->take_back();
    }
  };

  void lend() {
    inbox_.hold_still();
    frames_.emplace(FramesInPlace{this});
    is_walked_ = false;
    UnlessLent guard{this};  // a codec of somebody else's may throw
    if (rest_) {
      position_.emplace(*frames_, view_of(*rest_));
    } else {
      position_.emplace(frames_->begin());
    }
    guard.owner = nullptr;
  }
  /// The frames that were found leave the inbox.
  void take_back() noexcept {
    position_.reset();
    frames_.reset();
  }
  void end_batch() noexcept {
    if (!deframer_.has_ended()) unreported_ = frames_->error();
    frames_in_turn_ += frames_->is_full() ? frames_in_turn_max : 1;
    if (is_walked_) {
      rest_.reset();
    } else if (!rest_ && *position_ != std::default_sentinel) {
      rest_.emplace((**position_).retain());  // it was found, but nobody looked at it
    }
    take_back();
    is_lent_ = false;
    inbox_.rest();
  }

  [[nodiscard]] static protocols::FrameView view_of(const Chain& frame) noexcept {
    if (frame.empty()) return {};
    return {frame.front().data(), frame.size(), &frame.front()};
  }

  struct Receiving {
    explicit Receiving(bool& flag) noexcept : flag_(flag) { flag_ = true; }
    Receiving(const Receiving&) = delete;
    Receiving& operator=(const Receiving&) = delete;
    ~Receiving() { flag_ = false; }

   private:
    bool& flag_;
  };

  /// Receives until `take` has its result, after the others if this has gone on for long.
  template <typename T>
  Task<T> receive() {
    const Receiving receiving(is_receiving_);
    std::optional<T> result;
    if (is_others_turn()) {
      inbox_.rest();
      co_await yield();
      frames_in_turn_ = 0;
      if (take(result)) co_return *std::move(result);
    }
    do {
      inbox_.rest();
      Result<Chain> bytes = co_await stream_.read();
      if (!bytes) co_return T(fail(bytes.error()));
      add(*bytes);
    } while (!take(result));
    co_return *std::move(result);
  }

  Task<Result<void>> write_when_drained(Frame* frame) {
    while (is_at_high_water()) {
      const Result<void> drained = co_await stream_.drained();
      if (!drained) co_return drained;
    }
    co_return queue(std::move(*frame));
  }
  Task<Result<void>> write_view_when_drained(protocols::FrameView frame) {
    while (is_at_high_water()) {
      const Result<void> drained = co_await stream_.drained();
      if (!drained) co_return drained;
    }
    co_return queue(frame);
  }

  S stream_;
  protocols::Deframer<C> deframer_;
  C writer_;
  detail::FrameInbox inbox_;
  std::optional<typename Lent<C>::Frames> frames_;
  std::optional<typename Lent<C>::Position> position_;  ///< where the batch begins
  std::optional<Frame> rest_;   ///< a frame that is no longer in the inbox and not taken
  std::error_code unreported_;  ///< met by a batch behind good frames; the codec goes on after it
  std::size_t frames_in_turn_ = 0;  ///< read since this shard last turned to others
  bool has_ended_ = false;          ///< the peer's side of the stream
  bool is_receiving_ = false;
  bool is_lent_ = false;
  bool is_walked_ = false;  ///< the batch has lent its first frame
};

/// Frames that are lent: walk over it once, `begin` asserts that. Those behind the frame at which
/// the walk stopped are the next batch's. Move-only; ends before the stream's next read.
template <protocols::Codec C, ByteStream S>
class [[nodiscard]] FramedStream<C, S>::Batch {
 public:
  Batch(Batch&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
  Batch& operator=(Batch&&) = delete;
  ~Batch() {
    if (owner_ != nullptr) owner_->end_batch();
  }

  /// True at the end of the stream.
  [[nodiscard]] bool empty() const noexcept { return *owner_->position_ == std::default_sentinel; }
  [[nodiscard]] auto begin() noexcept {
    WEIR_ASSERT(!std::exchange(owner_->is_walked_, true));
    return *owner_->position_;
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  friend FramedStream;
  explicit Batch(FramedStream& owner) noexcept : owner_(&owner) {}

  FramedStream* owner_;
};

}  // namespace weir

// The awaitables are the other half of the class.
#include "weir/net/framed_stream_awaits.h"
