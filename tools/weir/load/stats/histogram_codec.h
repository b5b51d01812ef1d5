// A histogram as text: the "V2 compressed" encoding of HdrHistogram in base64, `HISTF...`, as it
// stands in .hlog files and in our JSON. All integers are big-endian:
//
//     | 0x1c849314 | i32 size | zlib: size bytes |                                        envelope
//                                 |
//     | 0x1c849313 | i32 size | i32 offset 0 | i32 digits | i64 lowest | i64 highest |     payload
//     | f64 ratio 1.0 | counts: size bytes |
//
//     counts      one number a counter, from index 0 to the highest that counts something. -z
//     stands
//                 for z > 1 zeros. ZigZag (0, -1, 1, -2 ... as 0, 1, 2, 3 ...), then 7 bits a byte,
//                 low ones first, the top bit set while more follow; a 9th byte holds 8 bits.
//
// What the encoding does not keep: the exact minimum and maximum (see `Histogram::from_counts`) and
// the count of clipped samples. Read with: HdrHistogram's V2 in Java and C.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/load/stats/histogram.h"

namespace weir::tools::load {

/// Ranges with more counters than this are refused, so that a short text cannot ask for gigabytes:
/// 32 MiB. A nanosecond to an hour takes 33 792 with 3 digits, 3.5 million with 5.
inline constexpr std::size_t decoded_counters_max = std::size_t{1} << 22;

/// Why a text is no histogram.
enum class HistogramFault : std::uint8_t {
  not_base64,         ///< characters, length or padding that base64 does not have
  not_an_envelope,    ///< too short for an envelope, or its magic number is another
  size_mismatch,      ///< the envelope's size is not that of the bytes that follow it
  not_zlib,           ///< zlib refuses the bytes, or they end early or late
  not_a_payload,      ///< too short for a payload, or its magic number is another
  unsupported,        ///< an index offset or a value ratio, which only other histograms have
  range_invalid,      ///< lowest, highest and digits make no histogram, or too large a one
  payload_too_large,  ///< more bytes than the counters of this range can take
  counts_malformed,   ///< a number is cut off, or a run of zeros has an impossible length
  too_many_counts,    ///< more numbers than this range has counters
  count_overflow,     ///< the counts add up to more than 2^63 - 1
};

/// A clause without a full stop.
[[nodiscard]] std::string_view to_text(HistogramFault fault) noexcept;

/// Without the envelope: what zlib gets.
[[nodiscard]] std::vector<std::byte> encode_histogram_payload(const Histogram& histogram);
[[nodiscard]] std::string encode_histogram(const Histogram& histogram);

/// Strict: every byte is accounted for. Memory stays within a few times `decoded_counters_max` of
/// counters, whatever the text claims.
[[nodiscard]] std::expected<Histogram, HistogramFault> decode_histogram(std::string_view text);

}  // namespace weir::tools::load
