#include "tools/weir/load/message/payload_stream.h"

#include <algorithm>

#include <fmt/format.h>

#include "weir/base/assert.h"

namespace weir::tools::load {

std::string describe(const PayloadMismatch& mismatch) {
  return fmt::format("connection {}, message {}, byte {}: expected 0x{:02x}, found 0x{:02x}",
                     mismatch.message.connection, mismatch.message.sequence, mismatch.offset,
                     std::to_integer<unsigned>(mismatch.expected),
                     std::to_integer<unsigned>(mismatch.found));
}

PayloadStream::PayloadStream(std::uint32_t connection, std::size_t message_bytes) noexcept
    : message_{.connection = connection, .sequence = 0}, message_bytes_(message_bytes) {
  WEIR_ASSERT(message_bytes > 0);
}

void PayloadStream::fill(std::span<std::byte> out) noexcept {
  while (!out.empty()) {
    const std::size_t size = std::min(out.size(), message_bytes_ - offset_);
    fill_payload(message_, offset_, out.first(size));
    advance(size);
    out = out.subspan(size);
  }
}

std::expected<std::uint64_t, PayloadMismatch> PayloadStream::verify(
    std::span<const std::byte> piece) noexcept {
  const std::uint64_t before = messages();
  while (!piece.empty()) {
    const std::size_t size = std::min(piece.size(), message_bytes_ - offset_);
    if (const auto at = find_payload_mismatch(message_, offset_, piece.first(size))) {
      const std::size_t offset = offset_ + *at;
      return std::unexpected(PayloadMismatch{.message = message_,
                                             .offset = offset,
                                             .expected = payload_byte(message_, offset),
                                             .found = piece[*at]});
    }
    advance(size);
    piece = piece.subspan(size);
  }
  return messages() - before;
}

void PayloadStream::advance(std::size_t bytes) noexcept {
  offset_ += bytes;
  WEIR_ASSERT(offset_ <= message_bytes_);
  if (offset_ == message_bytes_) {
    offset_ = 0;
    ++message_.sequence;
  }
}

}  // namespace weir::tools::load
