// The messages of one connection one after the other, as a stream of bytes without seams: one of
// these walks along what is sent, another along what comes back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>

#include "tools/weir/load/message/payload.h"

namespace weir::tools::load {

/// Where an answer first differed from its request.
struct PayloadMismatch {
  MessageId message;
  std::size_t offset = 0;  ///< in the message
  std::byte expected{};
  std::byte found{};

  bool operator==(const PayloadMismatch&) const = default;
};

/// `connection 3, message 17, byte 5: expected 0x41, found 0x00`
[[nodiscard]] std::string describe(const PayloadMismatch& mismatch);

/// Invariant: offset_ < message_bytes_
class PayloadStream {
 public:
  /// \param message_bytes  size of every message, at least 1
  PayloadStream(std::uint32_t connection, std::size_t message_bytes) noexcept;

  /// Writes the next `out.size()` bytes of the stream.
  void fill(std::span<std::byte> out) noexcept;

  /// Checks that `piece`, cut anywhere, is what comes next, and moves past it.
  /// \returns  how many messages ended in this piece; or the first byte that differs. The stream is
  ///           useless after that: what follows cannot be told from garbage.
  [[nodiscard]] std::expected<std::uint64_t, PayloadMismatch> verify(
      std::span<const std::byte> piece) noexcept;

  /// Messages passed completely.
  [[nodiscard]] std::uint64_t messages() const noexcept { return message_.sequence; }
  /// Bytes passed of the message after those.
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

 private:
  void advance(std::size_t bytes) noexcept;

  MessageId message_;
  std::size_t message_bytes_;
  std::size_t offset_ = 0;
};

}  // namespace weir::tools::load
