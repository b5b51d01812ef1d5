// FixedLength: frames that all have the same size. Nothing on the wire says where they begin, so
// both sides agree on the size before the first byte.
//
//     0             size          2 * size
//     +-------------+-------------+---
//     | frame       | frame       | ...
//     +-------------+-------------+---
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/byte_finder.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/frame_view.h"

namespace weir::protocols {

class FixedLength {
 public:
  using Frame = Chain;

  /// Error::option_invalid if `frame_bytes` is 0.
  [[nodiscard]] static Result<FixedLength> create(std::size_t frame_bytes) noexcept {
    if (frame_bytes == 0) return fail(Error::option_invalid);
    return FixedLength(frame_bytes);
  }

  /// The next frame, retained. Never fails.
  [[nodiscard, gnu::always_inline]] Result<std::optional<Frame>> decode(Chain& input) const {
    return decode_retained(*this, input);
  }
  /// The next frame, borrowed.
  [[nodiscard]] Result<std::optional<FrameView>> decode(ByteCursor& input) const noexcept {
    if (input.size() < frame_bytes_) return std::nullopt;
    const FrameView view = input.view(0, frame_bytes_);
    input.advance(frame_bytes_);
    return view;
  }

  /// See QuickCodec. Each frame that lies in one buffer.
  [[nodiscard]] bool find_quickly(const std::byte* /*at*/, std::size_t contiguous_bytes,
                                  ByteFinder& /*finder*/, FrameExtent& frame) const noexcept {
    frame = {.offset = 0, .size = frame_bytes_, .wire_bytes = frame_bytes_};
    return contiguous_bytes >= frame_bytes_;
  }

  /// Appends `frame`. Error::frame_too_large or frame_too_small if it has not that size.
  [[nodiscard]] Result<> encode(Frame frame, Chain& output) const noexcept {
    if (frame.size() > frame_bytes_) return fail(Error::frame_too_large);
    if (frame.size() < frame_bytes_) return fail(Error::frame_too_small);
    output.append(std::move(frame));
    return {};
  }

  [[nodiscard]] std::size_t missing_bytes(const Chain& rest) const noexcept {
    return frame_bytes_ - rest.size();
  }

 private:
  explicit FixedLength(std::size_t frame_bytes) noexcept : frame_bytes_(frame_bytes) {}

  std::size_t frame_bytes_;
};

static_assert(QuickCodec<FixedLength>);

}  // namespace weir::protocols
