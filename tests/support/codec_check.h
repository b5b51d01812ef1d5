// The tests that every codec passes, as functions of its vectors.
//
//     LF01 ; w4 max1024 ; 00000003616263 ; 616263 ; what it shows
//     id   ; options    ; wire           ; events ; purpose, and a long row
//         goes on in the next line, indented
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/build_kind.h"
#include "tests/support/codec_events.h"
#include "tests/support/home_pool.h"
#include "tests/support/seed.h"
#include "tests/support/wire_text.h"

namespace weir::test {

struct CodecVector {
  std::string id, options, wire, events, purpose;
};

/// The rows of a table.
[[nodiscard]] inline std::vector<CodecVector> codec_vectors(std::string_view table) {
  std::vector<CodecVector> vectors;
  std::vector<std::string> rows;
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(' ') == std::string::npos) continue;
    if (line[0] == ' ') {
      rows.back() += line;
    } else {
      rows.push_back(line);
    }
  }
  for (const std::string& row : rows) {
    std::vector<std::string> cells;
    for (std::size_t from = 0; from <= row.size() && cells.size() < 5;) {
      const std::size_t end = std::min(row.find(';', from), row.size());
      std::string cell = row.substr(from, end - from);
      cell.erase(0, std::min(cell.find_first_not_of(' '), cell.size()));
      cell.erase(cell.find_last_not_of(' ') + 1);
      cells.push_back(cell);
      from = end + 1;
    }
    cells.resize(5);
    vectors.push_back({cells[0], cells[1], cells[2], cells[3], cells[4]});
  }
  return vectors;
}

/// "(78)*300 -": repeated frames written out, one space between events.
[[nodiscard]] inline Events expected_events(const std::string& text) {
  Events events;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    events.push_back(word.starts_with("(") ? to_hex(hex(word)) : word);
  }
  return events;
}

/// The options of a vector: words, some with a number, as in "w4 max1024 skip".
class VectorOptions {
 public:
  explicit VectorOptions(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] bool has(std::string_view word) const {
    bool found = false;
    each([&](const std::string& candidate) { found |= candidate == word; });
    return found;
  }

  /// The number behind `name`, as 4 in "w4"; `otherwise` if there is none.
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise) const {
    std::int64_t found = otherwise;
    each([&](const std::string& word) {
      if (word.size() > name.size() && word.starts_with(name) &&
          (std::isdigit(static_cast<unsigned char>(word[name.size()])) != 0 ||
           word[name.size()] == '-')) {
        found = std::stoll(word.substr(name.size()));
      }
    });
    return found;
  }

  [[nodiscard]] std::size_t size(std::string_view name, std::int64_t otherwise = 0) const {
    return static_cast<std::size_t>(number(name, otherwise));
  }

  /// The word behind `name`.
  [[nodiscard]] std::string word_after(std::string_view name) const {
    std::istringstream words(text_);
    for (std::string word; words >> word;) {
      if (word == name && words >> word) return word;
    }
    return {};
  }

 private:
  template <typename Visit>
  void each(Visit visit) const {
    std::istringstream words(text_);
    for (std::string word; words >> word;) visit(word);
  }

  std::string text_;
};

/// The vector as it is written, byte by byte, whole, and cut at each place, in each way;
/// `make(options)` makes the codec.
template <typename MakeCodec>
void check_vector(const CodecVector& vector, MakeCodec make) {
  SCOPED_TRACE(vector.id + " ; " + vector.options + " ; " + vector.wire + " ; " + vector.purpose);
  const WireText wire = wire_text(vector.wire);
  const Events expected = expected_events(vector.events);
  auto make_codec = [&] { return make(VectorOptions(vector.options)); };

  for (const Way way : ways()) {
    EXPECT_EQ(joined(events_of(make_codec, wire.reads, wire.is_ended, way)), joined(expected))
        << way.text();
  }
  EXPECT_EQ(first_difference(make_codec, wire.bytes(), wire.is_ended).value_or(""), "");
}

/// Slabs for the longest streams of the tests, each byte a buffer with a gap behind it.
inline constexpr std::size_t codec_check_slabs = 128;

/// Each vector of `table` three times: from the heap, from the slabs of a pool, and, if the codec
/// needs no memory of its own to decode, while the pool has none.
template <typename MakeCodec>
void check_vectors(std::string_view table, MakeCodec make) {
  const std::vector<CodecVector> vectors = codec_vectors(table);
  ASSERT_FALSE(vectors.empty());
  for (const CodecVector& vector : vectors) check_vector(vector, make);
  {
    const HomePool pool(codec_check_slabs);
    for (const CodecVector& vector : vectors) check_vector(vector, make);
  }
  using C = decltype(make(VectorOptions("")));
  if constexpr (protocols::ViewCodec<C>) {
    HomePool pool(2);
    const Buffer only = pool.slab();
    for (const CodecVector& vector : vectors) check_vector(vector, make);
  }
}

/// `size` bytes from `random`, with more zeros and line ends than chance would give.
[[nodiscard]] inline std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    const std::uint64_t drawn = random();
    byte = drawn % 8 == 0 ? "\0\n\r\x01"[drawn / 8 % 4] : static_cast<char>(drawn >> 8);
  }
  return bytes;
}

/// `bytes` in up to three pieces, so that a payload of several buffers is encoded too.
[[nodiscard]] inline Chain cut_chain(std::mt19937_64& random, std::string_view bytes) {
  Chain chain;
  const std::size_t cut = bytes.empty() ? 0 : random() % bytes.size();
  chain.append(Buffer::copy_of(as_bytes(bytes).first(cut / 2)));
  chain.append(Buffer::copy_of(as_bytes(bytes).subspan(cut / 2, cut - cut / 2)));
  chain.append(Buffer::copy_of(as_bytes(bytes).subspan(cut)));
  return chain;
}

/// `bytes` as reads of random sizes.
[[nodiscard]] inline std::vector<std::string> cut_reads(std::mt19937_64& random, std::string bytes,
                                                        std::size_t read_bytes_max) {
  std::vector<std::string> reads;
  while (!bytes.empty()) {
    const std::size_t count = std::min<std::size_t>(random() % read_bytes_max + 1, bytes.size());
    reads.push_back(bytes.substr(0, count));
    bytes.erase(0, count);
  }
  return reads;
}

/// A few frames of random sizes up to `payload_bytes_max`, encoded and decoded again, cut at
/// random. `draw(random, size)` makes a payload the codec can carry.
template <typename MakeCodec, typename Draw>
void check_round_trip(std::mt19937_64& random, MakeCodec make, std::size_t payload_bytes_max,
                      Draw draw) {
  auto codec = make();
  Chain wire;
  Events sent;
  for (std::uint64_t frames = random() % 8; frames-- > 0;) {
    const std::string payload = draw(random, random() % (payload_bytes_max + 1));
    sent.push_back(payload.empty() ? "-" : to_hex(payload));
    const auto encoded = codec.encode(cut_chain(random, payload), wire);
    ASSERT_TRUE(encoded.has_value()) << encoded.error().message();
  }

  const std::vector<std::string> reads = cut_reads(random, wire.to_string(), 600);

  for (const Way way : ways()) {
    EXPECT_EQ(joined(events_of(make, reads, /*is_ended=*/true, way)), joined(sent)) << way.text();
  }
}

/// Many of them, on the heap and in a pool.
template <typename MakeCodec, typename Draw>
void check_round_trips(MakeCodec make, std::size_t payload_bytes_max, Draw draw) {
  const Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  constexpr int rounds = slow_build ? 10 : 50;
  for (int round = 0; round < rounds; ++round) {
    check_round_trip(random, make, payload_bytes_max, draw);
  }

  const HomePool pool(codec_check_slabs);
  for (int round = 0; round < rounds; ++round) {
    check_round_trip(random, make, payload_bytes_max, draw);
  }
}

}  // namespace weir::test
