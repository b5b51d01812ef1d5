#include "weir/protocols/cobs.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "frame_memory.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/frame_view.h"

namespace weir::protocols {
namespace {

constexpr std::size_t payload_bytes_largest = std::size_t{1} << 31;
constexpr std::uint8_t code_without_zero = 0xFF;

// Position of the first zero at `from` or later, before `limit`.
std::optional<std::size_t> find_zero(const Chain& input, std::size_t from, std::size_t limit) {
  if (from >= limit) return std::nullopt;
  ByteCursor place = ByteCursor(input).ahead(from);
  while (from < limit) {
    const std::size_t count = std::min(place.contiguous_bytes(), limit - from);
    const void* const found = std::memchr(place.data(), 0, count);
    if (found != nullptr) {
      return from + static_cast<std::size_t>(static_cast<const std::byte*>(found) - place.data());
    }
    place.advance(count);
    from += count;
  }
  return std::nullopt;
}

// Writes what the stuffed bytes stand for, piece by piece: a block may be cut by a seam.
class Unstuffer {
 public:
  explicit Unstuffer(std::byte* target) noexcept : begin_(target), at_(target) {}

  void add(std::span<const std::byte> stuffed) noexcept {
    while (!stuffed.empty()) {
      if (block_bytes_left_ == 0) {
        // The zero before a block is written only now: none follows the last one.
        if (has_zero_before_next_) *at_++ = std::byte{0};
        const auto code = std::to_integer<std::uint8_t>(stuffed[0]);
        block_bytes_left_ = code - 1u;
        has_zero_before_next_ = code != code_without_zero;
        stuffed = stuffed.subspan(1);
      } else {
        const std::size_t count = std::min<std::size_t>(block_bytes_left_, stuffed.size());
        std::memcpy(at_, stuffed.data(), count);
        at_ += count;
        block_bytes_left_ -= static_cast<unsigned>(count);
        stuffed = stuffed.subspan(count);
      }
    }
  }

  /// False if the last code points behind the end.
  [[nodiscard]] bool is_whole() const noexcept { return block_bytes_left_ == 0; }
  [[nodiscard]] std::size_t written() const noexcept {
    return static_cast<std::size_t>(at_ - begin_);
  }

 private:
  std::byte* begin_;
  std::byte* at_;
  unsigned block_bytes_left_ = 0;
  bool has_zero_before_next_ = false;
};

// The opposite. The code of a block is known when the block ends, and its place is kept for it.
class Stuffer {
 public:
  explicit Stuffer(std::byte* target) noexcept : begin_(target), code_(target), at_(target + 1) {}

  void add(std::span<const std::byte> payload) noexcept {
    while (!payload.empty()) {
      // A full block is ended when more comes, so that the last one needs no empty one after it.
      if (block_bytes() == code_without_zero - 1u) end_block(code_without_zero);
      const std::size_t room = code_without_zero - 1u - block_bytes();
      const std::size_t count = std::min(room, payload.size());
      const void* const zero = std::memchr(payload.data(), 0, count);
      const std::size_t plain =
          zero == nullptr
              ? count
              : static_cast<std::size_t>(static_cast<const std::byte*>(zero) - payload.data());
      std::memcpy(at_, payload.data(), plain);
      at_ += plain;
      payload = payload.subspan(plain);
      if (zero != nullptr) {
        end_block(static_cast<std::uint8_t>(block_bytes() + 1));
        payload = payload.subspan(1);
      }
    }
  }

  /// Ends the frame with its zero. \returns the bytes written.
  [[nodiscard]] std::size_t finish() noexcept {
    *code_ = static_cast<std::byte>(block_bytes() + 1);
    *at_++ = std::byte{0};
    return static_cast<std::size_t>(at_ - begin_);
  }

 private:
  [[nodiscard]] std::size_t block_bytes() const noexcept {
    return static_cast<std::size_t>(at_ - code_ - 1);
  }
  void end_block(std::uint8_t code) noexcept {
    *code_ = static_cast<std::byte>(code);
    code_ = at_++;
  }

  std::byte* begin_;
  std::byte* code_;
  std::byte* at_;
};

}  // namespace

Result<Cobs> Cobs::create(const Options& options) noexcept {
  if (options.payload_bytes_max > payload_bytes_largest) return fail(Error::option_invalid);
  return Cobs(options);
}

void Cobs::skip_zeros(Chain& input) noexcept {
  while (!input.empty()) {
    const auto bytes = input.front().bytes();
    const auto first = std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; });
    const bool found = first != bytes.end();
    input.trim_front(static_cast<std::size_t>(first - bytes.begin()));
    if (found) return;
  }
}

Result<std::optional<Chain>> Cobs::decode(Chain& input) {
  if (is_skipping_) {
    const auto zero = find_zero(input, 0, input.size());
    input.trim_front(zero ? *zero : input.size());
    is_skipping_ = !zero;
    searched_bytes_ = 0;
  }
  if (searched_bytes_ == 0) skip_zeros(input);

  const std::size_t stuffed_max = stuffed_bytes_max(options_.payload_bytes_max);
  const std::size_t limit = std::min(input.size(), stuffed_max + 1);
  const auto zero = find_zero(input, searched_bytes_, limit);
  searched_bytes_ = zero.value_or(limit);
  if (zero) return unstuff(input, *zero);
  if (limit > stuffed_max) return bad(Error::frame_too_large);
  return std::nullopt;
}

Result<std::optional<Chain>> Cobs::unstuff(Chain& input, std::size_t stuffed_bytes) {
  Result<Buffer> payload = detail::allocate_bytes(stuffed_bytes);
  if (!payload) {
    continues_ = true;
    return fail(payload.error());
  }
  Unstuffer unstuffer(payload->writable().data());
  for (const auto piece : ByteCursor(input).view(0, stuffed_bytes)) unstuffer.add(piece);
  if (!unstuffer.is_whole()) return bad(Error::frame_malformed);
  if (unstuffer.written() > options_.payload_bytes_max) return bad(Error::frame_too_large);

  input.trim_front(stuffed_bytes + 1);
  searched_bytes_ = 0;
  payload->trim_back(stuffed_bytes - unstuffer.written());
  Result<std::optional<Chain>> frame(std::in_place, std::in_place);
  (*frame)->append(std::move(*payload));
  return frame;
}

// The bytes of the frame stay for now: the offset reported is its first byte.
Result<std::optional<Chain>> Cobs::bad(Error error) noexcept {
  continues_ = options_.bad_frame == BadFrame::is_skipped;
  is_skipping_ = continues_;
  return fail(error);
}

Result<std::optional<Chain>> Cobs::finish(Chain& rest) noexcept {
  if (is_skipping_) rest.clear();
  return std::nullopt;
}

Result<> Cobs::encode(const Frame& payload, Chain& output) const {
  if (payload.size() > options_.payload_bytes_max) return fail(Error::frame_too_large);
  const std::size_t room = stuffed_bytes_max(payload.size()) + 1;
  Result<Buffer> buffer = detail::allocate_bytes(room);
  if (!buffer) return fail(buffer.error());
  Stuffer stuffer(buffer->writable().data());
  for (const Buffer& piece : payload) stuffer.add(piece.bytes());
  buffer->trim_back(room - stuffer.finish());
  output.append(std::move(*buffer));
  return {};
}

}  // namespace weir::protocols
