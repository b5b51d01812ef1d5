// LengthPrefix: frames that say how long they are.
//
//     0          offset        offset + width               frame_bytes
//     +----------+-------------+----------------------------+-----------
//     | anything | length      | rest of the frame          | next frame
//     +----------+-------------+----------------------------+-----------
//     |<- stripped_bytes, here the whole header ->|<- what decode returns
//
//     frame_bytes = offset + width + length + adjustment
//
// `adjustment` says what the length counts: 0 what follows it, -(offset + width) the whole frame,
// +1 if one more header byte follows that it does not count. With a checksum, a CRC-32C of what
// follows the length (in the byte order of the length, not counted by it) stands before or after
// it:
//
//     | offset | length | crc | payload |      or      | offset | length | payload | crc |
//
// The parameters are those of Netty's LengthFieldBasedFrameDecoder. Lengths as varints: see
// varint_prefix.h. A peer gains nothing by announcing much: memory is taken for what arrives.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "weir/base/buffer_pool.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/base/short_copy.h"
#include "weir/protocols/bad_frame_policy.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/byte_finder.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/frame_view.h"

namespace weir::protocols {

enum class Sign : std::uint8_t { is_unsigned, is_signed };

enum class Checksum : std::uint8_t { none, crc32c_before, crc32c_after };

struct LengthPrefixOptions {
  /// Largest frame accepted, with its header. No default: this bound is what stops a peer from
  /// making the receiver hold 4 GiB.
  std::size_t frame_bytes_max;
  std::size_t width_bytes = 4;  ///< of the length: 1 to 8
  std::endian order = std::endian::big;
  Sign sign = Sign::is_unsigned;      ///< of the length; a negative one is always an error
  std::size_t offset_bytes = 0;       ///< before the length, at most 255
  std::int64_t adjustment_bytes = 0;  ///< added to the length, -2^31 to 2^31
  /// Removed from the front of each frame; by default all up to the end of the length (and of the
  /// checksum before the payload). At most 1024, and never a part of the length alone.
  std::optional<std::size_t> stripped_bytes = std::nullopt;
  Checksum checksum = Checksum::none;
  BadFrame bad_frame = BadFrame::ends_stream;
  TooLargeReport too_large_report = TooLargeReport::at_once;
};

class LengthPrefix {
 public:
  using Options = LengthPrefixOptions;
  using Frame = Chain;

  /// Payloads below this many bytes are copied behind their header by `encode`: cheaper than a
  /// second buffer, and many small frames become one piece of memory.
  static constexpr std::size_t copied_bytes_max = FrameView::copied_bytes_max;

  /// Error::option_invalid if a value is outside its range, or no frame can be within the limit.
  /// A limit above what the length can say is lowered to that.
  [[nodiscard]] static Result<LengthPrefix> create(const Options& options) noexcept;

  /// The next frame, retained. Errors: frame_too_large, frame_too_small (its length does not cover
  /// the header or what is stripped), length_negative, checksum_mismatch.
  [[nodiscard, gnu::always_inline]] Result<std::optional<Frame>> decode(Chain& input) {
    return decode_retained(*this, input);
  }

  /// The next frame, borrowed: a few nanoseconds, whatever its size, if it lies in one buffer.
  [[nodiscard]] Result<std::optional<FrameView>> decode(ByteCursor& input) noexcept;

  /// See QuickCodec. Every frame that is whole in one buffer, has no checksum and no bad frame
  /// before it, and is not the last few bytes there are.
  [[nodiscard]] bool find_quickly(const std::byte* at, std::size_t contiguous_bytes,
                                  ByteFinder& /*finder*/, FrameExtent& frame) const noexcept {
    // One comparison asks whether there is anything unusual: a frame that is awaited or skipped, a
    // checksum (then this is SIZE_MAX), or fewer than eight bytes to load at once.
    if (contiguous_bytes < quick_bytes_min_) [[unlikely]]
      return false;
    const std::uint64_t length = load_length(at + offset_bytes_);
    if (length - length_min_ > length_range_) [[unlikely]]
      return false;
    frame.wire_bytes = static_cast<std::size_t>(length + base_bytes_);
    frame.offset = front_stripped_bytes_;
    frame.size = frame.wire_bytes - front_stripped_bytes_;
    return frame.wire_bytes <= contiguous_bytes;
  }

  /// Appends one frame: writes the length, and zeros for what else `decode` strips; the rest is
  /// `payload`. If the length is not stripped it stands in `payload` already and must be right,
  /// else Error::frame_malformed. Error::frame_too_large over the limit.
  [[nodiscard]] Result<> encode(Frame payload, Chain& output) const noexcept;
  /// The same, copying `payload`, which must not contain the length.
  [[nodiscard, gnu::always_inline]] Result<> encode(std::span<const std::byte> payload,
                                                    Chain& output) const noexcept {
    if (encode_quickly(payload, output)) [[likely]]
      return {};
    return encode_copy(payload, output);
  }

  /// Nothing comes of a rest; a bad frame that was still being skipped is reported.
  [[nodiscard]] Result<std::optional<Frame>> finish(Chain& rest) noexcept;
  [[nodiscard]] bool continues_after_error() const noexcept { return continues_; }
  [[nodiscard]] std::size_t missing_bytes(const Chain& rest) const noexcept;

  /// Largest frame, and largest payload without what is stripped and the checksum.
  [[nodiscard]] std::size_t frame_bytes_max() const noexcept { return frame_bytes_max_; }
  [[nodiscard]] std::size_t payload_bytes_max() const noexcept {
    return frame_bytes_max_ - front_stripped_bytes_ - back_stripped_bytes_;
  }

  /// Changes the limit for the frames after the one that is being received. As in `create`.
  [[nodiscard]] Result<> set_frame_bytes_max(std::size_t frame_bytes_max) noexcept;

 private:
  LengthPrefix() noexcept = default;

  static constexpr std::size_t loaded_bytes = sizeof(std::uint64_t);

  // The length is loaded as the front of eight bytes and shifted down: one way for each width.
  [[nodiscard]] std::uint64_t load_length(const std::byte* at) const noexcept {
    if (options_.order == std::endian::big) [[likely]]
      return load_be<std::uint64_t>(at) >> unused_bits_;
    return load_le<std::uint64_t>(at) & (UINT64_MAX >> unused_bits_);
  }

  // The length in the first `width` bytes, and bytes of no meaning up to eight.
  void store_length(std::byte* target, std::uint64_t length) const noexcept {
    if (options_.order == std::endian::big) [[likely]] {
      store_be<std::uint64_t>(target, length << unused_bits_);
    } else {
      store_le<std::uint64_t>(target, length);
    }
  }

  [[nodiscard]] std::size_t header_bytes() const noexcept {
    return offset_bytes_ + options_.width_bytes;
  }
  [[nodiscard]] bool is_skipping(ByteCursor& input) noexcept;
  [[nodiscard]] Result<std::uint64_t> checked_frame_bytes(std::uint64_t length) noexcept;
  [[nodiscard]] Result<> verify_checksum(const ByteCursor& input) const noexcept;
  [[nodiscard]] std::unexpected<std::error_code> skip_after(Error error,
                                                            std::uint64_t frame_bytes) noexcept;
  void update_quick_path() noexcept;
  // `encode` where that is next to nothing: payloads of 8 bytes and more that are copied, in
  // formats that are a length alone, where the shared slab of this thread has room. False, with
  // `output` as it was, for all others.
  [[nodiscard, gnu::always_inline]] bool encode_quickly(std::span<const std::byte> payload,
                                                        Chain& output) const noexcept {
    // The length is stored as eight bytes whatever its width: the payload, of at least eight, then
    // covers what is too much.
    BufferPool* const pool = BufferPool::current();
    if (payload.size() - loaded_bytes >= quick_payload_range_ || pool == nullptr) [[unlikely]]
      return false;
    const std::size_t width_bytes = front_stripped_bytes_;
    std::byte* const target = pool->try_append(output, width_bytes + payload.size());
    if (target == nullptr) [[unlikely]]
      return false;
    store_length(target, width_bytes + payload.size() - base_bytes_);
    copy_short(target + width_bytes, payload.data(), payload.size());
    return true;
  }
  [[nodiscard]] Result<> encode_copy(std::span<const std::byte> payload,
                                     Chain& output) const noexcept;
  [[nodiscard]] Result<> encode_whole(Frame frame, Chain& output) const noexcept;
  void write_length(std::byte* target, std::uint64_t length) const noexcept;
  void write_header(std::byte* target, std::uint64_t length, std::uint32_t crc) const noexcept;
  void write_crc(std::byte* target, std::uint32_t crc) const noexcept;

  // Read for each frame: one cache line.
  std::size_t quick_bytes_min_ = SIZE_MAX;  // offset + 8, or SIZE_MAX
  std::size_t offset_bytes_ = 0;
  std::uint64_t length_min_ = 0;  // lengths within [min, min + range] make valid frames
  std::uint64_t length_range_ = 0;
  std::uint64_t base_bytes_ = 0;  // frame_bytes - length, modulo 2^64
  std::size_t front_stripped_bytes_ = 0;
  unsigned unused_bits_ = 32;  // of the eight bytes loaded
  // Payloads of 8 to 7 + this many bytes are small, and sent as length and payload alone.
  std::size_t quick_payload_range_ = 0;
  bool continues_ = false;
  bool is_reported_ = true;  // the frame being skipped

  Options options_{.frame_bytes_max = 0};
  std::size_t back_stripped_bytes_ = 0;  // the checksum after the payload
  std::size_t frame_bytes_max_ = 0;
  std::uint64_t awaited_bytes_ = 0;  // size of the accepted frame at the front, 0: not known
  std::uint64_t skipped_bytes_ = 0;  // still to be dropped of a bad frame
};

static_assert(QuickCodec<LengthPrefix>);

}  // namespace weir::protocols
