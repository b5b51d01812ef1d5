#include "tools/weir/load/stats/histogram_codec.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "tools/weir/common/base64.h"
#include "tools/weir/load/stats/inflation.h"
#include "weir/base/assert.h"
#include "weir/base/bytes.h"

namespace weir::tools::load {

namespace {

constexpr std::uint32_t envelope_magic = 0x1c84'9314;
constexpr std::uint32_t payload_magic = 0x1c84'9313;
constexpr std::size_t envelope_header_bytes = 8;
constexpr std::size_t payload_header_bytes = 40;
constexpr std::size_t number_bytes_max = 9;
constexpr std::uint64_t count_sum_max = INT64_MAX;

void append_number(std::vector<std::byte>& out, std::int64_t number) {
  std::uint64_t rest =
      (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
  for (std::size_t i = 1; i < number_bytes_max && rest >= 0x80; ++i) {
    out.push_back(static_cast<std::byte>(rest | 0x80));
    rest >>= 7;
  }
  out.push_back(static_cast<std::byte>(rest));
}

/// Takes one number off the front of `bytes`; `nullopt` if they end in it.
std::optional<std::int64_t> take_number(std::span<const std::byte>& bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < std::min(bytes.size(), number_bytes_max); ++i) {
    const auto byte = std::to_integer<std::uint64_t>(bytes[i]);
    const bool is_ninth = i + 1 == number_bytes_max;
    bits |= (is_ninth ? byte : byte & 0x7f) << (7 * i);
    if (!is_ninth && (byte & 0x80) != 0) continue;
    bytes = bytes.subspan(i + 1);
    return static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
  }
  return std::nullopt;
}

void append_counts(std::vector<std::byte>& out, std::span<const std::uint64_t> counts) {
  for (auto at = counts.begin(); at != counts.end();) {
    const auto nonzero = std::find_if(at, counts.end(), [](std::uint64_t n) { return n != 0; });
    const std::int64_t zeros = nonzero - at;
    // A single zero is the number 0: that is what the Java implementation writes.
    if (zeros > 0) append_number(out, zeros == 1 ? 0 : -zeros);
    at = nonzero;
    if (at != counts.end()) append_number(out, static_cast<std::int64_t>(*at++));
  }
}

std::expected<std::vector<std::uint64_t>, HistogramFault> read_counts(
    std::span<const std::byte> bytes, std::size_t counters) {
  std::vector<std::uint64_t> counts;
  std::uint64_t sum = 0;
  while (!bytes.empty()) {
    const auto number = take_number(bytes);
    if (!number) return std::unexpected(HistogramFault::counts_malformed);
    // Negated as unsigned: the smallest integer has no positive counterpart.
    const std::uint64_t zeros = *number < 0 ? 0 - static_cast<std::uint64_t>(*number) : 0;
    const std::uint64_t added = std::max<std::uint64_t>(zeros, 1);
    if (added > counters - counts.size()) return std::unexpected(HistogramFault::too_many_counts);
    if (zeros > 0) {
      counts.resize(counts.size() + zeros);
      continue;
    }
    const auto count = static_cast<std::uint64_t>(*number);
    if (count > count_sum_max - sum) return std::unexpected(HistogramFault::count_overflow);
    sum += count;
    counts.push_back(count);
  }
  return counts;
}

struct PayloadHeader {
  HistogramRange range;
  std::size_t counts_bytes = 0;
};

std::expected<PayloadHeader, HistogramFault> read_payload_header(
    const std::array<std::byte, payload_header_bytes>& bytes) {
  const std::byte* const at = bytes.data();
  if (load_be<std::uint32_t>(at) != payload_magic) {
    return std::unexpected(HistogramFault::not_a_payload);
  }
  const auto index_offset = load_be<std::uint32_t>(at + 8);
  const auto ratio = std::bit_cast<double>(load_be<std::uint64_t>(at + 32));
  if (index_offset != 0 || ratio != 1.0) return std::unexpected(HistogramFault::unsupported);

  const HistogramRange range{
      .lowest = load_be<std::uint64_t>(at + 16),
      .highest = load_be<std::uint64_t>(at + 24),
      .significant_digits = static_cast<int>(load_be<std::uint32_t>(at + 12)),
  };
  if (range.highest > INT64_MAX || !range.is_valid() ||
      range.counter_count() > decoded_counters_max) {
    return std::unexpected(HistogramFault::range_invalid);
  }
  const std::size_t counts_bytes = load_be<std::uint32_t>(at + 4);
  if (counts_bytes > range.counter_count() * number_bytes_max) {
    return std::unexpected(HistogramFault::payload_too_large);
  }
  return PayloadHeader{range, counts_bytes};
}

std::expected<Histogram, HistogramFault> read_payload(std::span<const std::byte> compressed) {
  Inflation inflation(compressed);
  std::array<std::byte, payload_header_bytes> header_bytes{};
  const std::size_t got_bytes = inflation.read(header_bytes);
  if (inflation.is_malformed()) return std::unexpected(HistogramFault::not_zlib);
  if (got_bytes != header_bytes.size()) return std::unexpected(HistogramFault::not_a_payload);
  const auto header = read_payload_header(header_bytes);
  if (!header) return std::unexpected(header.error());
  // What the header claims is only allocated if so few compressed bytes can hold it.
  if (header->counts_bytes / Inflation::expansion_max > compressed.size()) {
    return std::unexpected(HistogramFault::not_zlib);
  }

  std::vector<std::byte> counts_bytes(header->counts_bytes);
  if (inflation.read(counts_bytes) != counts_bytes.size() || !inflation.ends_here()) {
    return std::unexpected(HistogramFault::not_zlib);
  }
  const auto counts = read_counts(counts_bytes, header->range.counter_count());
  if (!counts) return std::unexpected(counts.error());
  return Histogram::from_counts(header->range, *counts);
}

}  // namespace

std::string_view to_text(HistogramFault fault) noexcept {
  switch (fault) {
    case HistogramFault::not_base64:
      return "the text is not base64";
    case HistogramFault::not_an_envelope:
      return "it is not a histogram in the compressed V2 encoding (HISTF...)";
    case HistogramFault::size_mismatch:
      return "the size in its envelope is not the size it has";
    case HistogramFault::not_zlib:
      return "its compressed part is cut off or damaged";
    case HistogramFault::not_a_payload:
      return "its compressed part is not a histogram in the V2 encoding";
    case HistogramFault::unsupported:
      return "it has an index offset or a value ratio, which are not supported";
    case HistogramFault::range_invalid:
      return "its range and digits make no histogram, or too large a one";
    case HistogramFault::payload_too_large:
      return "it has more bytes than its range can need";
    case HistogramFault::counts_malformed:
      return "its counts are cut off";
    case HistogramFault::too_many_counts:
      return "it has more counts than its range";
    case HistogramFault::count_overflow:
      return "its counts add up to more than 2^63 - 1";
  }
  return "it is not a histogram";
}

std::vector<std::byte> encode_histogram_payload(const Histogram& histogram) {
  const HistogramRange& range = histogram.range();
  WEIR_ASSERT(range.highest <= INT64_MAX && histogram.count() <= count_sum_max);
  std::vector<std::byte> payload(payload_header_bytes);
  // Of an empty one the counter of 0: that is what the Java implementation writes.
  const std::size_t used = histogram.index_of(histogram.max()) + 1;
  append_counts(payload, histogram.counts().first(used));

  std::byte* const at = payload.data();
  store_be<std::uint32_t>(at, payload_magic);
  store_be<std::uint32_t>(at + 4,
                          static_cast<std::uint32_t>(payload.size() - payload_header_bytes));
  store_be<std::uint32_t>(at + 8, 0);
  store_be<std::uint32_t>(at + 12, static_cast<std::uint32_t>(range.significant_digits));
  store_be<std::uint64_t>(at + 16, range.lowest);
  store_be<std::uint64_t>(at + 24, range.highest);
  store_be<std::uint64_t>(at + 32, std::bit_cast<std::uint64_t>(1.0));
  return payload;
}

std::string encode_histogram(const Histogram& histogram) {
  const std::vector<std::byte> payload = encode_histogram_payload(histogram);
  uLongf compressed_bytes = ::compressBound(payload.size());
  std::vector<std::byte> envelope(envelope_header_bytes + compressed_bytes);
  const int result =
      ::compress(reinterpret_cast<Bytef*>(envelope.data() + envelope_header_bytes),
                 &compressed_bytes, reinterpret_cast<const Bytef*>(payload.data()), payload.size());
  // With that much room only memory can be missing.
  WEIR_ASSERT(result == Z_OK);

  envelope.resize(envelope_header_bytes + compressed_bytes);
  store_be<std::uint32_t>(envelope.data(), envelope_magic);
  store_be<std::uint32_t>(envelope.data() + 4, static_cast<std::uint32_t>(compressed_bytes));
  return encode_base64(envelope);
}

std::expected<Histogram, HistogramFault> decode_histogram(std::string_view text) {
  const auto envelope = decode_base64(text);
  if (!envelope) return std::unexpected(HistogramFault::not_base64);
  if (envelope->size() < envelope_header_bytes ||
      load_be<std::uint32_t>(envelope->data()) != envelope_magic) {
    return std::unexpected(HistogramFault::not_an_envelope);
  }
  const auto compressed = std::span<const std::byte>(*envelope).subspan(envelope_header_bytes);
  if (load_be<std::uint32_t>(envelope->data() + 4) != compressed.size()) {
    return std::unexpected(HistogramFault::size_mismatch);
  }
  return read_payload(compressed);
}

}  // namespace weir::tools::load
