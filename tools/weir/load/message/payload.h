// The bytes of one message: a cheap function of (connection, sequence, offset), so that any piece
// of any answer can be checked without keeping what was sent.
//
//     offset   0          8           16              little-endian 64-bit words
//              | seed     | seed + g  | seed + 2g ... seed = mix(connection, sequence), g odd
//
// All words of a message differ, and messages differ from their first word on: an answer that is
// stale, shifted, cut or from another connection fails at its first bytes. Filling and checking run
// at about the speed of memcpy and memcmp (eight words at a time, no table, no division).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace weir::tools::load {

/// Which message of which connection.
struct MessageId {
  std::uint32_t connection = 0;
  std::uint64_t sequence = 0;

  bool operator==(const MessageId&) const = default;
};

/// Writes the bytes of `message` from `offset` on over all of `out`.
void fill_payload(MessageId message, std::size_t offset, std::span<std::byte> out) noexcept;

/// Compares every byte of `piece` with those of `message` from `offset` on.
/// \returns  the index in `piece` of the first that differs; `nullopt` if none does
[[nodiscard]] std::optional<std::size_t> find_payload_mismatch(
    MessageId message, std::size_t offset, std::span<const std::byte> piece) noexcept;

/// One byte of a message, for messages to people.
[[nodiscard]] std::byte payload_byte(MessageId message, std::size_t offset) noexcept;

}  // namespace weir::tools::load
