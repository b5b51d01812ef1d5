#include "weir/protocols/varint_prefix.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "frame_memory.h"

namespace weir::protocols {
namespace {

constexpr std::size_t varint_bytes_max = 5;
constexpr std::uint8_t continuation = 0x80;
constexpr std::uint8_t fifth_byte_max = 0x0F;  // 32 - 4 * 7 bits

struct Varint {
  std::uint32_t value;
  std::size_t bytes;  // 0: more are missing
};

// The varint at the front of `bytes`; as early as it is certain, an error.
Result<Varint> read_varint(std::span<const std::byte> bytes, VarintForm form) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = std::to_integer<std::uint8_t>(bytes[i]);
    if (i == varint_bytes_max - 1 && byte > fifth_byte_max) return fail(Error::length_overflow);
    value |= static_cast<std::uint32_t>(byte & 0x7F) << (7 * i);
    if ((byte & continuation) != 0) continue;
    if (byte == 0 && i != 0 && form == VarintForm::shortest_only) {
      return fail(Error::length_not_minimal);
    }
    return Varint{value, i + 1};
  }
  return Varint{0, 0};
}

std::size_t write_varint(std::array<std::byte, varint_bytes_max>& target,
                         std::uint32_t value) noexcept {
  std::size_t bytes = 0;
  for (; value >= continuation; value >>= 7) {
    target[bytes++] = static_cast<std::byte>((value & 0x7F) | continuation);
  }
  target[bytes++] = static_cast<std::byte>(value);
  return bytes;
}

}  // namespace

VarintPrefix::VarintPrefix(const Options& options) noexcept : options_(options) {
  options_.payload_bytes_max =
      std::min<std::size_t>(options.payload_bytes_max, std::numeric_limits<std::uint32_t>::max());
}

Result<std::optional<FrameView>> VarintPrefix::decode(ByteCursor& input) noexcept {
  if (skipped_bytes_ != 0) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(skipped_bytes_, input.size()));
    input.advance(count);
    skipped_bytes_ -= count;
    if (skipped_bytes_ != 0) return std::nullopt;
  }
  if (awaited_bytes_ == 0) {
    std::array<std::byte, varint_bytes_max> front;
    const auto seen = std::span(front).first(std::min(input.size(), front.size()));
    input.copy_to(seen);
    const Result<Varint> length = read_varint(seen, options_.form);
    continues_ = false;
    if (!length) return fail(length.error());
    if (length->bytes == 0) return std::nullopt;
    if (length->value > options_.payload_bytes_max) {
      continues_ = options_.bad_frame == BadFrame::is_skipped;
      if (continues_) skipped_bytes_ = std::uint64_t{length->value} + length->bytes;
      return fail(Error::frame_too_large);
    }
    awaited_offset_ = length->bytes;
    awaited_bytes_ = length->bytes + length->value;
  }
  if (input.size() < awaited_bytes_) return std::nullopt;

  const FrameView view = input.view(awaited_offset_, awaited_bytes_ - awaited_offset_);
  input.advance(std::exchange(awaited_bytes_, 0));
  return view;
}

Result<> VarintPrefix::encode(std::span<const std::byte> payload, Chain& output) const noexcept {
  if (payload.size() > options_.payload_bytes_max) return fail(Error::frame_too_large);
  std::array<std::byte, varint_bytes_max> length;
  const std::size_t bytes = write_varint(length, static_cast<std::uint32_t>(payload.size()));
  const Result<std::byte*> target = detail::append_bytes(output, bytes + payload.size());
  if (!target) return fail(target.error());
  std::memcpy(*target, length.data(), bytes);
  if (!payload.empty()) std::memcpy(*target + bytes, payload.data(), payload.size());
  return {};
}

Result<> VarintPrefix::encode(Frame payload, Chain& output) const noexcept {
  if (payload.size() > options_.payload_bytes_max) return fail(Error::frame_too_large);
  const bool is_small = payload.size() < FrameView::copied_bytes_max;
  if (payload.buffer_count() <= 1 && is_small) {
    return encode(payload.empty() ? std::span<const std::byte>{} : payload.front().bytes(), output);
  }
  std::array<std::byte, varint_bytes_max> length;
  const std::size_t bytes = write_varint(length, static_cast<std::uint32_t>(payload.size()));
  Result<Buffer> header = detail::allocate_bytes(bytes);
  if (!header) return fail(header.error());
  std::memcpy(header->writable().data(), length.data(), bytes);
  output.append(std::move(*header));
  output.append(std::move(payload));
  return {};
}

std::size_t VarintPrefix::missing_bytes(const Chain& rest) const noexcept {
  return awaited_bytes_ > rest.size() ? awaited_bytes_ - rest.size() : 1;
}

}  // namespace weir::protocols
