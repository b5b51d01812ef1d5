// Codec: what every wire format of weir::protocols looks like from outside.
//
//      bytes received            Codec::decode             frames
//     +--------+------+---      removes one whole         +-------+
//     | frame  | fra          frame from the front  --->  | Frame |
//     +--------+------+---                                +-------+
//
//      bytes to send             Codec::encode             frames
//     +--------+---------+    appends the header and       +-------+
//     | header | payload |  <--- references the payload    | Frame |
//     +--------+---------+                                 +-------+
//
// Sans I/O: no socket, no clock, no thread. The same codec runs under a stream, a test and a
// fuzzer; `Deframer` counts offsets and keeps errors for it, and a framed stream joins it to a
// connection.
//
// Limits are the codec's options, without defaults: what bounds the memory a hostile peer can make
// the receiver spend is chosen by whoever knows the service.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/byte_finder.h"

namespace weir::protocols {

/// A type that cuts a byte stream into frames, and writes frames as bytes. docs/framing.md shows
/// one of thirty lines.
///
/// A codec object belongs to one direction of one stream. It is given all bytes from the first one
/// that is in no frame yet, the ones it has seen and those that came after them; so it may keep
/// how far it has searched, a header it has parsed, or a decompressor.
///
/// `decode(input)` looks at the front of `input`:
/// - a whole frame is there: removes its bytes from `input` and returns it;
/// - bytes are missing: returns `nullopt`. Not an error; call again when more has arrived. It may
///   have removed bytes that belong to no frame (a bad one that is being skipped), no others. An
///   empty input is always "bytes are missing";
/// - the front can never become a frame, or breaks a limit: an error, as early as it is certain,
///   with the bad frame left at the front of `input`. The stream ends here unless
///   `continues_after_error()` says that the next frame can be found.
///
/// The frames are a function of the bytes alone: how they were cut into reads and buffers changes
/// nothing (tests/support/codec_check.h proves it for each codec of ours).
/// It is a loop's body: a received chain may hold many frames. It allocates nothing ahead of the
/// bytes that have arrived, whatever a header announces.
///
/// `encode(frame, output)` appends the frame's bytes to `output` and does nothing else to it: what
/// it holds already may be on its way. The header is written, a large payload moves in by
/// reference. Fails, with `output` as it was, if the frame breaks the codec's own limits or the
/// pool is exhausted.
///
/// A codec may also offer
/// - `bool continues_after_error() const`: whether `decode` may be called again after its last
///   error, because the end of the bad frame is known;
/// - `Result<std::optional<Frame>> finish(Chain& rest)`: the stream ended after `rest`, which holds
///   no whole frame. Returns what it still makes of it. Without it, a rest is an error. If it fails
///   and the codec continues, the rest counts as the bad frame that is skipped;
/// - `std::size_t missing_bytes(const Chain& rest) const`: bytes that are certainly missing until
///   `rest` holds a whole frame, at least 1.
template <typename C>
concept Codec = requires(C& codec, Chain& chain, typename C::Frame frame) {
  { codec.decode(chain) } -> std::same_as<Result<std::optional<typename C::Frame>>>;
  { codec.encode(std::move(frame), chain) } -> std::same_as<Result<>>;
} && std::movable<typename C::Frame>;

/// A codec that can lend its frames: `decode(cursor)` is `decode(chain)`, except that it moves the
/// cursor past the frame and returns a view into the chain, which stays as it is. No reference is
/// counted and no byte moved for a frame, which is what makes a batch of small ones cheap.
template <typename C>
concept ViewCodec = Codec<C> && requires(C& codec, ByteCursor& cursor) {
  { codec.decode(cursor) } -> std::same_as<Result<std::optional<FrameView>>>;
};

/// A view codec with a part worth inlining into the loop over a batch. `find_quickly(at,
/// contiguous_bytes, finder, frame)` says where the frame at `at` lies, if it lies within
/// `contiguous_bytes` as a whole and that takes no more than a look at it: false means "ask
/// `decode`", for whatever reason. It changes nothing but `finder`, which is for codecs that
/// search: it began where the first of these frames did, and belongs to the walk over the frames of
/// one buffer that `find_quickly` finds one behind the other.
template <typename C>
concept QuickCodec =
    ViewCodec<C> && requires(const C& codec, const std::byte* at, std::size_t contiguous_bytes,
                             ByteFinder& finder, FrameExtent& frame) {
      { codec.find_quickly(at, contiguous_bytes, finder, frame) } -> std::same_as<bool>;
    };

/// `decode_retained` for what `find_quickly` does not find. Not inline: see there.
template <typename C>
[[nodiscard, gnu::noinline]] Result<std::optional<Chain>> decode_any_retained(C& codec,
                                                                              Chain& input) {
  ByteCursor cursor(input);
  const Result<std::optional<FrameView>> view = codec.decode(cursor);
  Result<std::optional<Chain>> frame;
  if (!view) {
    frame = fail(view.error());
  } else if (*view) {
    frame->emplace((*view)->retain());
  }
  // Skipped bytes leave as well, without a frame and in case of an error.
  input.trim_front(cursor.position());
  return frame;
}

/// `decode(chain)` for a view codec whose `Frame` is a `Chain`: the view, retained. Always inline,
/// so that the frame is built where the caller wants it and its buffer never leaves the registers.
template <typename C>
[[nodiscard, gnu::always_inline]] inline Result<std::optional<Chain>> decode_retained(
    C& codec, Chain& input) {
  if constexpr (QuickCodec<C>) {
    if (input.buffer_count() != 0) [[likely]] {
      const Buffer& buffer = input.front();
      ByteFinder finder(buffer.data());
      FrameExtent extent;
      if (codec.find_quickly(buffer.data(), buffer.size(), finder, extent)) [[likely]] {
        const FrameView view(buffer.data() + extent.offset, extent.size, &buffer);
        Buffer frame = view.try_retain();
        if (!frame.empty()) [[likely]] {
          input.trim_front(extent.wire_bytes);
          return Result<std::optional<Chain>>(std::in_place, std::in_place, std::move(frame));
        }
      }
    }
  }
  return decode_any_retained(codec, input);
}

}  // namespace weir::protocols
