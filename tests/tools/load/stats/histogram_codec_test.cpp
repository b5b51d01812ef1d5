#include "tools/weir/load/stats/histogram_codec.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"
#include "tests/support/wire_text.h"
#include "tools/weir/common/base64.h"
#include "weir/base/bytes.h"

namespace weir::tools::load {
namespace {

using ::testing::ElementsAreArray;

constexpr std::uint64_t highest_ns = 3'600'000'000'000;

struct CountedValue {
  std::uint64_t value, times;
};

Histogram histogram_of(const HistogramRange& range, const std::vector<CountedValue>& samples) {
  Histogram histogram(range);
  for (const CountedValue& sample : samples) histogram.record_n(sample.value, sample.times);
  return histogram;
}

struct Envelope {
  std::uint32_t magic = 0x1c84'9314;
  std::int64_t size_error = 0;  ///< what the size in it is too large by
};

std::string wrapped(std::span<const std::byte> compressed, const Envelope& envelope = {}) {
  std::vector<std::byte> bytes(8);
  bytes.insert(bytes.end(), compressed.begin(), compressed.end());
  store_be<std::uint32_t>(bytes.data(), envelope.magic);
  const auto size = static_cast<std::int64_t>(compressed.size()) + envelope.size_error;
  store_be<std::uint32_t>(bytes.data() + 4, static_cast<std::uint32_t>(size));
  return encode_base64(bytes);
}

std::vector<std::byte> compressed(std::span<const std::byte> payload) {
  uLongf size = ::compressBound(payload.size());
  std::vector<std::byte> bytes(size);
  EXPECT_EQ(::compress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                       reinterpret_cast<const Bytef*>(payload.data()), payload.size()),
            Z_OK);
  bytes.resize(size);
  return bytes;
}

/// The fields of a payload, each of which a test can make wrong.
struct Payload {
  std::uint32_t magic = 0x1c84'9313;
  std::uint32_t index_offset = 0;
  std::uint32_t digits = 3;
  std::uint64_t lowest = 1;
  std::uint64_t highest = highest_ns;
  double ratio = 1.0;
  std::string counts = "02";  ///< hexadecimal
  std::int64_t size_error = 0;
};

std::string text_of(const Payload& payload) {
  const auto counts = test::hex(payload.counts);
  std::vector<std::byte> bytes(40);
  std::byte* const at = bytes.data();
  const auto size = static_cast<std::int64_t>(counts.size()) + payload.size_error;
  store_be<std::uint32_t>(at, payload.magic);
  store_be<std::uint32_t>(at + 4, static_cast<std::uint32_t>(size));
  store_be<std::uint32_t>(at + 8, payload.index_offset);
  store_be<std::uint32_t>(at + 12, payload.digits);
  store_be<std::uint64_t>(at + 16, payload.lowest);
  store_be<std::uint64_t>(at + 24, payload.highest);
  store_be<std::uint64_t>(at + 32, std::bit_cast<std::uint64_t>(payload.ratio));
  for (const auto byte : counts) bytes.push_back(static_cast<std::byte>(byte));
  return wrapped(compressed(bytes));
}

void expect_fault(const std::string& text, HistogramFault fault) {
  const auto decoded = decode_histogram(text);

  ASSERT_FALSE(decoded);
  EXPECT_EQ(to_text(decoded.error()), to_text(fault));
}

/// What Java HdrHistogram 2.1.11 makes of the same samples.
struct JavaVector {
  const char* name;
  HistogramRange range;
  std::vector<CountedValue> samples;
  const char* payload;  ///< without magic number and size
  const char* text;
};

std::vector<JavaVector> java_vectors() {
  return {
      {"empty",
       {1, highest_ns, 3},
       {},
       "00000000 00000003 0000000000000001 0000034630b8a000 3ff0000000000000 00",
       "HISTFAAAACF4nJNpmSzMwMDAyAABzFAayGd2M9ixgMH+A1QEAFKmBEw="},
      {"nine-byte number",
       {1, highest_ns, 3},
       {{1, 1}, {3, 1}, {1'000'000, 300}, {highest_ns - 1, 72'057'594'037'927'936}},
       "00000000 00000003 0000000000000001 0000034630b8a000 3ff0000000000000"
       "00 02 00 02 b9ae01 d804 d3db02 808080808080808002",
       "HISTFAAAADB4nJNpmSzMwMAgygABzFCaEch0M9ixgMH+A1SEiYFp5zrGGyyXbzM1QAETAPm5DFo="},
      {"coarse",
       {1000, 3'600'000'000, 2},
       {{0, 2}, {70'000, 1}},
       "00000000 00000002 00000000000003e8 00000000d693a400 3ff0000000000000 04 8d02 02",
       "HISTFAAAACV4nJNpmSzMwMDAwgABTBCK+QWIvDZ5CYP9B4gISy8TEwB4XwYJ"},
      {"resized",
       {1, 0x7ff'ffff, 3},
       {{5, 1}, {123'456'789, 1}},
       "00000000 00000003 0000000000000001 0000000007ffffff 3ff0000000000000 09 02 a99d02 02",
       "HISTFAAAACZ4nJNpmSzMwMDAxgABzFCaEUSw////3/4DRICTaeVcJiYAfu4G2Q=="},
  };
}

TEST(HistogramCodec, WritesThePayloadThatJavaWrites) {
  for (const JavaVector& v : java_vectors()) {
    SCOPED_TRACE(v.name);
    const Histogram histogram = histogram_of(v.range, v.samples);

    const std::vector<std::byte> payload = encode_histogram_payload(histogram);

    const auto expected = test::hex(v.payload);
    ASSERT_EQ(payload.size(), 8 + expected.size());
    EXPECT_EQ(load_be<std::uint32_t>(payload.data()), 0x1c84'9313U);
    EXPECT_EQ(load_be<std::uint32_t>(payload.data() + 4), payload.size() - 40);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(payload[8 + i], static_cast<std::byte>(expected[i])) << "byte " << 8 + i;
    }
  }
}

TEST(HistogramCodec, ReadsWhatJavaWrites) {
  for (const JavaVector& v : java_vectors()) {
    SCOPED_TRACE(v.name);
    const Histogram expected = histogram_of(v.range, v.samples);

    const auto decoded = decode_histogram(v.text);

    ASSERT_TRUE(decoded) << to_text(decoded.error());
    EXPECT_EQ(decoded->range(), v.range);
    EXPECT_THAT(decoded->counts(), ElementsAreArray(expected.counts()));
    decoded->check_invariants();
  }
}

TEST(HistogramCodec, MinimumAndMaximumAreTheEndsOfTheirBuckets) {
  const Histogram histogram = histogram_of({}, {{10'007, 1}, {1'000'001, 1}});

  const auto decoded = decode_histogram(encode_histogram(histogram));

  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->min(), 10'000U);
  EXPECT_EQ(decoded->max(), 1'000'447U);
}

TEST(HistogramCodec, DecodesWhatItEncodes) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (int digits = 1; digits <= 4; ++digits) {
    for (const std::uint64_t lowest : {1UL, 64UL, 1000UL}) {
      const unsigned samples = 1U << (random() % 12);
      Histogram histogram({lowest, highest_ns, digits});
      for (unsigned i = 0; i < samples; ++i) {
        histogram.record_n(random() >> (22 + random() % 42),
                           1 + (random() >> (4 + random() % 60)) % (1UL << 50));
      }
      const std::string text = encode_histogram(histogram);

      const auto decoded = decode_histogram(text);

      ASSERT_TRUE(text.starts_with("HISTF"));
      ASSERT_TRUE(decoded) << to_text(decoded.error());
      ASSERT_EQ(decoded->range(), histogram.range());
      ASSERT_EQ(decoded->count(), histogram.count());
      ASSERT_TRUE(std::ranges::equal(decoded->counts(), histogram.counts()));
      ASSERT_EQ(encode_histogram(*decoded), text);
    }
  }
}

TEST(HistogramCodec, RefusesADamagedEnvelope) {
  const std::vector<std::byte> good =
      compressed(encode_histogram_payload(histogram_of({}, {{5, 1}})));
  const std::span<const std::byte> all = good;
  ASSERT_TRUE(decode_histogram(wrapped(good)));
  std::vector<std::byte> longer = good;
  longer.push_back(std::byte{0});

  expect_fault("", HistogramFault::not_an_envelope);
  expect_fault("HISTFAAA!", HistogramFault::not_base64);
  expect_fault("HISTFA==", HistogramFault::not_an_envelope);
  expect_fault("HISTFAAAAA", HistogramFault::not_base64);
  expect_fault(wrapped(good, {.magic = 0x1c84'9304}), HistogramFault::not_an_envelope);
  for (const std::int64_t size_error : {-1L, 1L, INT64_C(1) << 31}) {
    expect_fault(wrapped(good, {.size_error = size_error}), HistogramFault::size_mismatch);
  }
  expect_fault(wrapped({}), HistogramFault::not_zlib);
  expect_fault(wrapped(all.first(all.size() - 1)), HistogramFault::not_zlib);
  expect_fault(wrapped(longer), HistogramFault::not_zlib);
}

TEST(HistogramCodec, NoCutAndNoFlippedBitGoesUnnoticed) {
  const Histogram histogram = histogram_of({}, {{5, 1}, {77'777, 12}, {9'999'999, 123'456}});
  const std::vector<std::byte> good = compressed(encode_histogram_payload(histogram));

  for (std::size_t kept = 0; kept < good.size(); ++kept) {
    EXPECT_FALSE(decode_histogram(wrapped(std::span(good).first(kept)))) << kept;
  }
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::vector<std::byte> flipped = good;
    flipped[bit / 8] ^= std::byte{1} << bit % 8;
    const auto decoded = decode_histogram(wrapped(flipped));
    refused += decoded ? 0 : 1;
    // A few bits mean nothing, such as those that fill the last byte before the checksum.
    if (decoded) {
      EXPECT_THAT(decoded->counts(), ElementsAreArray(histogram.counts()));
    }
  }
  EXPECT_GT(refused, good.size() * 7);
}

TEST(HistogramCodec, RefusesAWrongHeader) {
  ASSERT_TRUE(decode_histogram(text_of({})));

  expect_fault(wrapped(compressed(std::vector<std::byte>(39))), HistogramFault::not_a_payload);
  expect_fault(text_of({.magic = 0x1c84'9303}), HistogramFault::not_a_payload);
  expect_fault(text_of({.index_offset = 1}), HistogramFault::unsupported);
  expect_fault(text_of({.ratio = 1000.0}), HistogramFault::unsupported);
  expect_fault(text_of({.ratio = std::nan("")}), HistogramFault::unsupported);
  for (const std::uint32_t digits : {0U, 6U, 0xffff'ffffU, 0x8000'0003U}) {
    expect_fault(text_of({.digits = digits}), HistogramFault::range_invalid);
  }
  expect_fault(text_of({.lowest = 0}), HistogramFault::range_invalid);
  expect_fault(text_of({.lowest = 10, .highest = 19}), HistogramFault::range_invalid);
  expect_fault(text_of({.highest = UINT64_MAX}), HistogramFault::range_invalid);
  expect_fault(text_of({.lowest = UINT64_C(1) << 61, .highest = INT64_MAX}),
               HistogramFault::range_invalid);
}

TEST(HistogramCodec, RefusesSizesThatDoNotFit) {
  expect_fault(text_of({.size_error = 1}), HistogramFault::not_zlib);
  expect_fault(text_of({.size_error = -1}), HistogramFault::not_zlib);
  // More than 9 bytes for each of 33 792 counters; and more than so short a stream can expand to.
  expect_fault(text_of({.size_error = 33'792 * 9}), HistogramFault::payload_too_large);
  expect_fault(text_of({.size_error = -2}), HistogramFault::payload_too_large);
  expect_fault(text_of({.size_error = 200'000}), HistogramFault::not_zlib);
}

TEST(HistogramCodec, RefusesTooLargeARange) {
  // 5 digits of an hour are below the limit, of 2^63 - 1 above it.
  EXPECT_TRUE(decode_histogram(text_of({.digits = 5})));
  expect_fault(text_of({.digits = 5, .highest = INT64_MAX}), HistogramFault::range_invalid);
}

TEST(HistogramCodec, RefusesWrongCounts) {
  struct Vector {
    const char *name, *counts;
    HistogramFault fault;
  };
  for (const auto& v : {
           Vector{"number cut off", "80", HistogramFault::counts_malformed},
           Vector{"number cut off after 8 bytes", "8080808080808080",
                  HistogramFault::counts_malformed},
           Vector{"33 793 zeros", "819004", HistogramFault::too_many_counts},
           Vector{"33 792 zeros and a count", "ff8f04 02", HistogramFault::too_many_counts},
           Vector{"2^63 zeros", "ffffffffffffffffff", HistogramFault::too_many_counts},
           Vector{"sum of 2^63", "feffffffffffffffff 02", HistogramFault::count_overflow},
       }) {
    SCOPED_TRACE(v.name);

    expect_fault(text_of({.counts = v.counts}), v.fault);
  }
}

TEST(HistogramCodec, TakesTheLargestCountsThatFit) {
  const auto largest = decode_histogram(text_of({.counts = "feffffffffffffffff"}));
  const auto last = decode_histogram(text_of({.counts = "fd8f04 02"}));
  const auto zeros_only = decode_histogram(text_of({.counts = "ff8f04"}));

  ASSERT_TRUE(largest && last && zeros_only);
  EXPECT_EQ(largest->count(), static_cast<std::uint64_t>(INT64_MAX));
  EXPECT_EQ(last->counts().back(), 1U);
  EXPECT_TRUE(zeros_only->empty());
}

}  // namespace
}  // namespace weir::tools::load
