// VarintPrefix: frames behind their length as a varint (LEB128, as protobuf writes it).
//
//     +------------------+-----------------------+-----------
//     | length, 1 to 5   | payload: length bytes | next frame
//     +------------------+-----------------------+-----------
//
//     300 = 0b10'0101100   ->   1|0101100 0|0000010   = AC 02
//                               ^ more follows
//
// Seven bits a byte, the low ones first, up to 2^32 - 1. Each length has one shortest form;
// others are refused unless the peer is known to write them. Fixed widths: length_prefix.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/protocols/bad_frame_policy.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/byte_finder.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/frame_view.h"

namespace weir::protocols {

enum class VarintForm : std::uint8_t { shortest_only, any };

struct VarintPrefixOptions {
  /// Largest payload accepted. No default, see LengthPrefixOptions.
  std::size_t payload_bytes_max;
  VarintForm form = VarintForm::shortest_only;
  BadFrame bad_frame = BadFrame::ends_stream;
};

class VarintPrefix {
 public:
  using Options = VarintPrefixOptions;
  using Frame = Chain;

  /// A limit above 2^32 - 1 is lowered to that.
  explicit VarintPrefix(const Options& options) noexcept;

  /// The next frame, retained. Errors: frame_too_large, length_not_minimal, length_overflow.
  [[nodiscard, gnu::always_inline]] Result<std::optional<Frame>> decode(Chain& input) {
    return decode_retained(*this, input);
  }
  /// The next frame, borrowed.
  [[nodiscard]] Result<std::optional<FrameView>> decode(ByteCursor& input) noexcept;

  /// See QuickCodec. Frames below 16 KiB that are whole in one buffer.
  [[nodiscard]] bool find_quickly(const std::byte* at, std::size_t contiguous_bytes,
                                  ByteFinder& /*finder*/, FrameExtent& frame) const noexcept {
    if (contiguous_bytes < 2 || awaited_bytes_ != 0 || skipped_bytes_ != 0) [[unlikely]]
      return false;
    const auto first = std::to_integer<std::size_t>(at[0]);
    const auto second = std::to_integer<std::size_t>(at[1]);
    if (first < 0x80) {
      frame = {.offset = 1, .size = first, .wire_bytes = 1 + first};
    } else if (second != 0 && second < 0x80) {
      const std::size_t size = (first & 0x7F) | second << 7;
      frame = {.offset = 2, .size = size, .wire_bytes = 2 + size};
    } else {
      return false;
    }
    return frame.size <= options_.payload_bytes_max && frame.wire_bytes <= contiguous_bytes;
  }

  /// Appends one frame, its length in the shortest form. Error::frame_too_large over the limit.
  [[nodiscard]] Result<> encode(Frame payload, Chain& output) const noexcept;
  /// The same, copying `payload`.
  [[nodiscard]] Result<> encode(std::span<const std::byte> payload, Chain& output) const noexcept;

  [[nodiscard]] bool continues_after_error() const noexcept { return continues_; }
  [[nodiscard]] std::size_t missing_bytes(const Chain& rest) const noexcept;

 private:
  Options options_;
  std::size_t awaited_bytes_ = 0;    // size of the accepted frame at the front, 0: not known
  std::size_t awaited_offset_ = 0;   // of its payload
  std::uint64_t skipped_bytes_ = 0;  // still to be dropped of a bad frame
  bool continues_ = false;
};

static_assert(QuickCodec<VarintPrefix>);

}  // namespace weir::protocols
