// DatagramHeader: what a sender that measures puts in front of each datagram.
//
//     0          3         4           8          16           24
//     +----------+---------+-----------+----------+------------+---------
//     | "WDS"    | version | stream id | sequence | send time  | payload
//     | 57 44 53 | 1       | u32 BE    | u64 BE   | u64 BE, ns | 0 bytes on
//     +----------+---------+-----------+----------+------------+---------
//
// The magic and the version tell foreign datagrams apart. A stream id names one run of numbers:
// a sender takes a new one, at random, for each flow and each time it starts. Numbers begin where
// the sender likes, usually at 0, and go up by one; they never wrap, for 2^64 datagrams take five
// centuries at a thousand million a second. The send time is of the sender's own clock; only
// differences of it mean anything. There is no checksum: UDP has one.
//
// An echo server returns the datagram as it is, so whoever sent it finds its own clock in it.
// DatagramSequence does the accounting at the other end.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "weir/base/assert.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"

namespace weir::protocols {

struct DatagramHeader {
  static constexpr std::size_t wire_bytes = 24;
  static constexpr std::uint8_t version = 1;
  /// The largest number. 2^64 - 1 is never sent, so that a count of numbers fits in 64 bits.
  static constexpr std::uint64_t sequence_max = UINT64_MAX - 1;

  std::uint32_t stream_id = 0;
  std::uint64_t sequence = 0;
  /// Any 64 bits are valid on the wire: subtract without overflow, as TransitTimes does.
  std::chrono::nanoseconds send_time{0};

  /// Writes the header over the first `wire_bytes` of `datagram`, which must be there. The
  /// sequence must be at most `sequence_max`.
  void encode(std::span<std::byte> datagram) const noexcept {
    WEIR_ASSERT(datagram.size() >= wire_bytes);
    WEIR_ASSERT(sequence <= sequence_max);
    std::byte* const at = datagram.data();
    store_be<std::uint32_t>(at, magic_and_version);
    store_be<std::uint32_t>(at + 4, stream_id);
    store_be<std::uint64_t>(at + 8, sequence);
    store_be<std::uint64_t>(at + 16, static_cast<std::uint64_t>(send_time.count()));
  }

  [[nodiscard]] std::array<std::byte, wire_bytes> encoded() const noexcept {
    std::array<std::byte, wire_bytes> bytes;
    encode(bytes);
    return bytes;
  }

  /// Reads the header at the front of `datagram`; the rest is payload and not looked at.
  /// Errors: frame_too_small for less than a header; frame_malformed for a datagram of another
  /// protocol, or a number over the largest; unsupported for another version of this one.
  /// None of them says anything about the datagrams that follow: count it, and go on.
  [[nodiscard]] static Result<DatagramHeader> decode(std::span<const std::byte> datagram) noexcept {
    if (datagram.size() < wire_bytes) return fail(Error::frame_too_small);
    const std::byte* const at = datagram.data();
    const auto mark = load_be<std::uint32_t>(at);
    if (mark != magic_and_version) [[unlikely]] {
      const bool is_ours = mark >> 8 == magic_and_version >> 8;
      return fail(is_ours ? Error::unsupported : Error::frame_malformed);
    }
    const auto sequence = load_be<std::uint64_t>(at + 8);
    if (sequence > sequence_max) [[unlikely]]
      return fail(Error::frame_malformed);
    const auto send_time = static_cast<std::int64_t>(load_be<std::uint64_t>(at + 16));
    return DatagramHeader{.stream_id = load_be<std::uint32_t>(at + 4),
                          .sequence = sequence,
                          .send_time = std::chrono::nanoseconds(send_time)};
  }

  friend bool operator==(const DatagramHeader&, const DatagramHeader&) = default;

 private:
  static constexpr std::uint32_t magic_and_version = 0x574453u << 8 | version;
};

}  // namespace weir::protocols
