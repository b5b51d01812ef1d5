#include "weir/protocols/length_prefix.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "frame_memory.h"
#include "weir/protocols/crc32c.h"

namespace weir::protocols {
namespace {

constexpr std::size_t offset_bytes_largest = 255;
constexpr std::size_t front_stripped_bytes_largest = 1024;
constexpr std::int64_t adjustment_bytes_largest = std::int64_t{1} << 31;
// Far above any limit of use, far below where sums of sizes would wrap.
constexpr std::uint64_t frame_bytes_largest = std::uint64_t{1} << 48;
constexpr std::size_t crc_bytes = sizeof(std::uint32_t);

bool are_in_range(const LengthPrefixOptions& options) noexcept {
  return options.width_bytes >= 1 && options.width_bytes <= 8 &&
         options.offset_bytes <= offset_bytes_largest &&
         options.adjustment_bytes >= -adjustment_bytes_largest &&
         options.adjustment_bytes <= adjustment_bytes_largest;
}

std::uint32_t crc32c_of(const FrameView& view) noexcept {
  std::uint32_t crc = 0;
  for (const auto piece : view) crc = crc32c(piece, crc);
  return crc;
}

std::uint32_t crc32c_of(const Chain& chain) noexcept {
  std::uint32_t crc = 0;
  for (const Buffer& buffer : chain) crc = crc32c(buffer.bytes(), crc);
  return crc;
}

}  // namespace

Result<LengthPrefix> LengthPrefix::create(const Options& options) noexcept {
  if (!are_in_range(options)) return fail(Error::option_invalid);
  LengthPrefix codec;
  codec.options_ = options;
  codec.offset_bytes_ = options.offset_bytes;
  codec.unused_bits_ = static_cast<unsigned>(64 - 8 * options.width_bytes);
  const std::size_t crc_before = options.checksum == Checksum::crc32c_before ? crc_bytes : 0;
  codec.back_stripped_bytes_ = options.checksum == Checksum::crc32c_after ? crc_bytes : 0;
  const std::size_t crc_total = crc_before + codec.back_stripped_bytes_;
  codec.base_bytes_ = static_cast<std::uint64_t>(
      static_cast<std::int64_t>(codec.header_bytes() + crc_total) + options.adjustment_bytes);

  const std::size_t stripped = options.stripped_bytes.value_or(codec.header_bytes() + crc_before);
  const bool cuts_length = stripped > options.offset_bytes && stripped < codec.header_bytes();
  // A checksum covers what is returned, no more and no less.
  const bool cuts_checksum = crc_total != 0 && stripped != codec.header_bytes() + crc_before;
  if (cuts_length || cuts_checksum || stripped > front_stripped_bytes_largest) {
    return fail(Error::option_invalid);
  }
  codec.front_stripped_bytes_ = stripped;
  if (const auto set = codec.set_frame_bytes_max(options.frame_bytes_max); !set) {
    return fail(set.error());
  }
  return codec;
}

Result<> LengthPrefix::set_frame_bytes_max(std::size_t frame_bytes_max) noexcept {
  const std::size_t length_bits =
      8 * options_.width_bytes - (options_.sign == Sign::is_signed ? 1 : 0);
  const std::uint64_t length_largest = UINT64_MAX >> (64 - length_bits);
  const auto base = static_cast<std::int64_t>(base_bytes_);
  // The smallest frame holds its header and what is stripped off it.
  const std::size_t crc_total = options_.checksum == Checksum::none ? 0 : crc_bytes;
  const auto frame_min = static_cast<std::int64_t>(
      std::max(header_bytes() + crc_total, front_stripped_bytes_ + back_stripped_bytes_));
  const std::int64_t frame_max = std::min<std::int64_t>(
      static_cast<std::int64_t>(std::min<std::uint64_t>(frame_bytes_max, frame_bytes_largest)),
      static_cast<std::int64_t>(std::min(length_largest, frame_bytes_largest)) + base);
  const std::int64_t length_min = std::max<std::int64_t>(frame_min - base, 0);
  const std::int64_t length_max = frame_max - base;
  if (length_max < length_min) return fail(Error::option_invalid);

  frame_bytes_max_ = static_cast<std::size_t>(frame_max);
  length_min_ = static_cast<std::uint64_t>(length_min);
  length_range_ = static_cast<std::uint64_t>(length_max - length_min);
  quick_payload_range_ = 0;
  const std::uint64_t quick_length_min = front_stripped_bytes_ + loaded_bytes - base_bytes_;
  if (options_.checksum == Checksum::none && front_stripped_bytes_ == options_.width_bytes &&
      offset_bytes_ == 0 && quick_length_min - length_min_ <= length_range_) {
    quick_payload_range_ = std::min(payload_bytes_max() + 1, copied_bytes_max) - loaded_bytes;
  }
  update_quick_path();
  return {};
}

void LengthPrefix::update_quick_path() noexcept {
  const bool is_usual =
      awaited_bytes_ == 0 && skipped_bytes_ == 0 && options_.checksum == Checksum::none;
  quick_bytes_min_ = is_usual ? offset_bytes_ + loaded_bytes : SIZE_MAX;
}

Result<std::optional<FrameView>> LengthPrefix::decode(ByteCursor& input) noexcept {
  if (skipped_bytes_ != 0) {
    if (is_skipping(input)) return std::nullopt;
    if (!is_reported_) {
      is_reported_ = true;
      continues_ = options_.bad_frame == BadFrame::is_skipped;
      return fail(Error::frame_too_large);
    }
  }
  if (awaited_bytes_ == 0) {
    if (input.size() < header_bytes()) return std::nullopt;
    std::array<std::byte, loaded_bytes> field{};
    // In big-endian order the front of the eight bytes counts, in little-endian order as well.
    input.copy_to(std::span(field).first(options_.width_bytes), offset_bytes_);
    const Result<std::uint64_t> frame_bytes = checked_frame_bytes(load_length(field.data()));
    if (!frame_bytes) return fail(frame_bytes.error());
    if (*frame_bytes == 0) return decode(input);  // skips, and reports afterwards
    awaited_bytes_ = *frame_bytes;
    update_quick_path();
  }
  if (input.size() < awaited_bytes_) return std::nullopt;

  if (const auto verified = verify_checksum(input); !verified) {
    return skip_after(Error::checksum_mismatch, awaited_bytes_);
  }
  const auto frame_bytes = static_cast<std::size_t>(std::exchange(awaited_bytes_, 0));
  update_quick_path();
  const FrameView view =
      input.view(front_stripped_bytes_, frame_bytes - front_stripped_bytes_ - back_stripped_bytes_);
  input.advance(frame_bytes);
  return view;
}

// Drops what has arrived of a bad frame. \returns true while more of it is to come.
bool LengthPrefix::is_skipping(ByteCursor& input) noexcept {
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(skipped_bytes_, input.size()));
  input.advance(count);
  skipped_bytes_ -= count;
  update_quick_path();
  return skipped_bytes_ != 0;
}

// The size of the frame whose length was read, 0 if it is to be skipped before it is reported.
Result<std::uint64_t> LengthPrefix::checked_frame_bytes(std::uint64_t length) noexcept {
  continues_ = false;
  const std::uint64_t sign_bit = std::uint64_t{1} << (63 - unused_bits_);
  if (options_.sign == Sign::is_signed && (length & sign_bit) != 0) {
    return fail(Error::length_negative);
  }
  // Beyond this, only the size to skip is of interest, and sums might wrap.
  const bool is_huge = length > frame_bytes_largest;
  const auto base = static_cast<std::int64_t>(base_bytes_);
  const std::uint64_t crc_total = options_.checksum == Checksum::none ? 0 : crc_bytes;
  if (!is_huge && static_cast<std::int64_t>(length) + base <
                      static_cast<std::int64_t>(header_bytes() + crc_total)) {
    return fail(Error::frame_too_small);
  }
  const std::uint64_t frame_bytes =
      is_huge && base > 0 && length > UINT64_MAX - base_bytes_ ? UINT64_MAX : length + base_bytes_;
  if (frame_bytes > frame_bytes_max_) {
    if (options_.too_large_report == TooLargeReport::at_once) {
      return skip_after(Error::frame_too_large, frame_bytes);
    }
    is_reported_ = false;
    skipped_bytes_ = frame_bytes;
    update_quick_path();
    return 0;
  }
  if (frame_bytes < front_stripped_bytes_ + back_stripped_bytes_) {
    return skip_after(Error::frame_too_small, frame_bytes);
  }
  return frame_bytes;
}

// The error of a frame whose end is known. Its bytes stay for now: the offset reported is its
// first byte. They are dropped by the next call if bad frames are skipped.
std::unexpected<std::error_code> LengthPrefix::skip_after(Error error,
                                                          std::uint64_t frame_bytes) noexcept {
  continues_ = options_.bad_frame == BadFrame::is_skipped;
  if (continues_) {
    awaited_bytes_ = 0;
    skipped_bytes_ = frame_bytes;
    update_quick_path();
  }
  return fail(error);
}

Result<> LengthPrefix::verify_checksum(const ByteCursor& input) const noexcept {
  if (options_.checksum == Checksum::none) return {};
  const auto frame_bytes = static_cast<std::size_t>(awaited_bytes_);
  const bool is_before = options_.checksum == Checksum::crc32c_before;
  const std::size_t covered_bytes = frame_bytes - header_bytes() - crc_bytes;
  const FrameView covered = input.view(header_bytes() + (is_before ? crc_bytes : 0), covered_bytes);
  std::array<std::byte, crc_bytes> stored;
  input.copy_to(stored, is_before ? header_bytes() : frame_bytes - crc_bytes);
  std::array<std::byte, crc_bytes> computed;
  write_crc(computed.data(), crc32c_of(covered));
  if (stored != computed) return fail(Error::checksum_mismatch);
  return {};
}

Result<std::optional<Chain>> LengthPrefix::finish(Chain& rest) noexcept {
  if (skipped_bytes_ == 0) return std::nullopt;
  rest.clear();
  if (!std::exchange(is_reported_, true)) return fail(Error::frame_too_large);
  return std::nullopt;
}

std::size_t LengthPrefix::missing_bytes(const Chain& rest) const noexcept {
  const std::uint64_t wanted = awaited_bytes_ != 0 ? awaited_bytes_ : header_bytes();
  return static_cast<std::size_t>(wanted > rest.size() ? wanted - rest.size() : 1);
}

void LengthPrefix::write_length(std::byte* target, std::uint64_t length) const noexcept {
  std::array<std::byte, loaded_bytes> field;
  store_length(field.data(), length);
  std::memcpy(target, field.data(), options_.width_bytes);
}

void LengthPrefix::write_crc(std::byte* target, std::uint32_t crc) const noexcept {
  if (options_.order == std::endian::big) {
    store_be<std::uint32_t>(target, crc);
  } else {
    store_le<std::uint32_t>(target, crc);
  }
}

// All that decode strips off the front.
void LengthPrefix::write_header(std::byte* target, std::uint64_t length,
                                std::uint32_t crc) const noexcept {
  if (front_stripped_bytes_ != options_.width_bytes) {
    std::memset(target, 0, front_stripped_bytes_);
  }
  write_length(target + offset_bytes_, length);
  if (options_.checksum == Checksum::crc32c_before) write_crc(target + header_bytes(), crc);
}

Result<> LengthPrefix::encode_copy(std::span<const std::byte> payload,
                                   Chain& output) const noexcept {
  if (payload.size() > payload_bytes_max()) return fail(Error::frame_too_large);
  if (front_stripped_bytes_ <= offset_bytes_) return fail(Error::frame_malformed);
  const std::size_t frame_bytes = front_stripped_bytes_ + payload.size() + back_stripped_bytes_;
  const std::uint64_t length = frame_bytes - base_bytes_;
  if (length - length_min_ > length_range_) return fail(Error::frame_too_small);
  const Result<std::byte*> appended = detail::append_bytes(output, frame_bytes);
  if (!appended) return fail(appended.error());

  std::byte* const target = *appended;
  const std::uint32_t crc = options_.checksum == Checksum::none ? 0 : crc32c(payload);
  write_header(target, length, crc);
  if (!payload.empty()) {
    std::memcpy(target + front_stripped_bytes_, payload.data(), payload.size());
  }
  if (back_stripped_bytes_ != 0) write_crc(target + frame_bytes - crc_bytes, crc);
  return {};
}

Result<> LengthPrefix::encode(Frame payload, Chain& output) const noexcept {
  if (payload.size() > payload_bytes_max()) return fail(Error::frame_too_large);
  if (front_stripped_bytes_ <= offset_bytes_) return encode_whole(std::move(payload), output);
  if (payload.buffer_count() <= 1 && payload.size() < copied_bytes_max) {
    return encode(payload.empty() ? std::span<const std::byte>{} : payload.front().bytes(), output);
  }
  const std::uint64_t length =
      front_stripped_bytes_ + payload.size() + back_stripped_bytes_ - base_bytes_;
  if (length - length_min_ > length_range_) return fail(Error::frame_too_small);
  Result<Buffer> header = detail::allocate_bytes(front_stripped_bytes_);
  Result<Buffer> trailer = detail::allocate_bytes(back_stripped_bytes_);
  if (!header || !trailer) return fail(Error::pool_exhausted);

  const std::uint32_t crc = options_.checksum == Checksum::none ? 0 : crc32c_of(payload);
  write_header(header->writable().data(), length, crc);
  if (!trailer->empty()) write_crc(trailer->writable().data(), crc);
  output.append(std::move(*header));
  output.append(std::move(payload));
  output.append(std::move(*trailer));
  return {};
}

// A frame that holds its own length.
Result<> LengthPrefix::encode_whole(Frame frame, Chain& output) const noexcept {
  const std::size_t frame_bytes = front_stripped_bytes_ + frame.size() + back_stripped_bytes_;
  const std::uint64_t length = frame_bytes - base_bytes_;
  if (frame_bytes < header_bytes() || length - length_min_ > length_range_) {
    return fail(Error::frame_too_small);
  }
  std::array<std::byte, loaded_bytes> field{};
  ByteCursor(frame).copy_to(std::span(field).first(options_.width_bytes),
                            offset_bytes_ - front_stripped_bytes_);
  if (load_length(field.data()) != length) return fail(Error::frame_malformed);
  Result<Buffer> header = detail::allocate_bytes(front_stripped_bytes_);
  if (!header) return fail(header.error());
  if (!header->empty()) std::memset(header->writable().data(), 0, header->size());
  output.append(std::move(*header));
  output.append(std::move(frame));
  return {};
}

}  // namespace weir::protocols
