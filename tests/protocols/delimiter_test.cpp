#include "weir/protocols/delimiter.h"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/codec_check.h"
#include "tests/support/home_pool.h"

namespace weir::protocols {
namespace {

using test::check_round_trips;
using test::check_vectors;
using test::event_of;
using test::heap_buffer;
using test::hex;
using test::joined;
using test::random_bytes;
using test::to_hex;
using test::VectorOptions;

std::vector<std::string> delimiters_of(const std::string& list) {
  std::vector<std::string> delimiters;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t end = std::min(list.find(',', from), list.size());
    delimiters.push_back(hex(list.substr(from, end - from)));
    from = end + 1;
  }
  return delimiters;
}

Delimiter delimiter_from(const VectorOptions& options) {
  return Delimiter::create(
             {.delimiters = delimiters_of(options.word_after("delim")),
              .frame_bytes_max = options.size("max"),
              .delimiter_bytes =
                  options.has("keep") ? DelimiterBytes::kept : DelimiterBytes::stripped,
              .stream_rest = options.has("rest") ? StreamRest::is_frame : StreamRest::is_error,
              .bad_frame = options.has("skip") ? BadFrame::is_skipped : BadFrame::ends_stream,
              .too_large_report =
                  options.has("lazy") ? TooLargeReport::after_skipping : TooLargeReport::at_once})
      .value();
}

constexpr std::string_view delimiter_vectors = R"(
DL13 ; delim 0d0a0d0a max1024 ; 61620d0a | 0d | 0a63 ; 6162 ~1 ; over three reads
DL14 ; delim 0d0a0d0a keep max1024 ; 610d0a0d0a0d0a0d0a ; 610d0a0d0a 0d0a0d0a
    ; kept; one begins where the other ends
DL15 ; delim 0a,0d0a max1024 ; 610d0a620a ; 61 62 ; the longer of two that end together
DL16 ; delim 00 max1 skip ; 0102 | 00 | 4100 ; E:too_long 41 ; goes on behind the bad frame
DL17 ; delim 2c,3b max1024 ; 612c623b3b ; 61 62 - ; any of two
DL20 ; delim 61626364,6263 max1024 ; 7861626364 ; 7861 ~1 ; the one that is complete first
DL21 ; delim 0d0a0d0a max3 skip ; 414141410d0a0d0a 420d0a0d0a ; E:too_long 42 ; one too many
DL22 ; delim 0d0a0d0a max3 ; 4141410d0a0d0a ; 414141 ; the limit itself
DL23 ; delim 0d0a0d0a max1 skip ; (41)*40 0d0a0d | 0a 420d0a0d0a ; E:too_long 42
    ; the end of the bad frame cut
DL24 ; delim 0d0a0d0a max1 skip lazy ; (41)*40 0d0a0d0a 420d0a0d0a ; E:too_long 42
    ; reported when it has passed
DL25 ; delim 0d0a0d0a max1 skip lazy ; (41)*40 $ ; E:too_long ; or when the stream ends
DL26 ; delim 0d0a0d0a max1024 rest ; 61 0d0a0d0a 620d0a $ ; 61 620d0a
    ; half a delimiter at the end is a rest
DL27 ; delim 0d0a0d0a max1024 ; 610d0a0d $ ; E:trunc ; or an error
DL28 ; delim 6161 max1024 ; 6161616161 ; - - ~1 ; they do not overlap
DL29 ; delim 61,6261,636261 keep max1024 ; 63626161 ; 636261 61 ; the longest of three
DL30 ; delim 00 max0 ; 0000 ; - - ; only empty frames
DL31 ; delim 00 max0 ; 0041 ; - E:too_long ; and none other
DL32 ; delim 01,02,03,04,05 max64 ; (61)*20 01 (62)*40 05 0402 ; (61)*20 (62)*40 - -
    ; five, in long frames
)";

TEST(Delimiter, FindsTheFramesOfEachVectorHoweverTheyAreCut) {
  check_vectors(delimiter_vectors, delimiter_from);
}

// A frame that can be sent with each of the delimiters below: no control bytes.
std::string draw_text(std::mt19937_64& random, std::size_t size) {
  std::string text = random_bytes(random, size);
  for (char& c : text) c = static_cast<char>('0' + static_cast<unsigned char>(c) % 64);
  return text;
}

TEST(Delimiter, DecodesWhatItEncoded) {
  for (const char* const options : {"delim 0a max900", "delim 0a,0d0a max900",
                                    "delim 0d0a0d0a max900", "delim 00,0102,0d0a0d0a max900"}) {
    SCOPED_TRACE(options);

    check_round_trips([&] { return delimiter_from(VectorOptions(options)); }, 900, draw_text);
  }
}

TEST(Delimiter, FindsWhatASlowSearchFinds) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (int round = 0; round < 300; ++round) {
    // Two letters, so that delimiters and near misses are everywhere.
    std::string text(random() % 60, 'a');
    for (char& c : text) c = random() % 2 == 0 ? 'a' : 'b';
    std::vector<std::string> delimiters(random() % 3 + 1);
    for (std::string& delimiter : delimiters) {
      do delimiter += random() % 2 == 0 ? 'a' : 'b';
      while (random() % 3 != 0 && delimiter.size() < 6);
    }
    SCOPED_TRACE(text + " by " + delimiters[0] + " of " + std::to_string(delimiters.size()));
    const auto make = [&] {
      return Delimiter::create({.delimiters = delimiters, .frame_bytes_max = 1000}).value();
    };

    test::Events expected;
    std::size_t begin = 0;
    for (std::size_t end = 1; end <= text.size(); ++end) {
      std::size_t longest = 0;
      for (const std::string& delimiter : delimiters) {
        if (text.substr(begin, end - begin).ends_with(delimiter)) {
          longest = std::max(longest, delimiter.size());
        }
      }
      if (longest == 0) continue;
      const std::string frame = text.substr(begin, end - begin - longest);
      expected.push_back(frame.empty() ? "-" : to_hex(frame));
      begin = end;
    }
    if (begin != text.size()) expected.push_back("~" + std::to_string(text.size() - begin));

    EXPECT_EQ(joined(test::events_of(make, {text}, false)), joined(expected));
    EXPECT_EQ(test::first_difference(make, text, false).value_or(""), "");
  }
}

TEST(Delimiter, RefusesToSendAFrameThatWouldArriveAsAnother) {
  struct Case {
    const char *options, *frame, *error;
  };
  for (const auto& c : {Case{"delim 0a max64", "610a62", "E:malformed"},
                        Case{"delim 0a,0d0a max64", "610d", "E:malformed"},
                        Case{"delim 0d0a0d0a max64", "610d0a", "E:malformed"},
                        Case{"delim 0a max2", "616263", "E:too_long"},
                        Case{"delim 0a keep max64", "61", "E:malformed"},
                        Case{"delim 0a keep max64", "610a620a", "E:malformed"}}) {
    SCOPED_TRACE(c.options);
    Chain wire(heap_buffer("before"));

    const auto encoded =
        delimiter_from(VectorOptions(c.options)).encode(Chain(heap_buffer(hex(c.frame))), wire);

    ASSERT_FALSE(encoded.has_value());
    EXPECT_EQ(event_of(encoded.error()), c.error);
    EXPECT_EQ(wire, std::string_view("before"));
  }
}

TEST(Delimiter, SendsAKeptDelimiterAsItIs) {
  Chain wire;

  const auto encoded = delimiter_from(VectorOptions("delim 0a,0d0a keep max64"))
                           .encode(Chain(heap_buffer("a\r\n")), wire);

  ASSERT_TRUE(encoded.has_value());
  EXPECT_EQ(wire, std::string_view("a\r\n"));
}

TEST(Delimiter, RefusesOptionsThatMakeNoSense) {
  const auto is_refused = [](std::vector<std::string> delimiters, std::size_t frame_bytes_max) {
    const auto created = Delimiter::create(
        {.delimiters = std::move(delimiters), .frame_bytes_max = frame_bytes_max});
    return !created.has_value() && created.error() == Error::option_invalid;
  };
  EXPECT_FALSE(is_refused({"\n"}, 0));
  EXPECT_TRUE(is_refused({}, 64));
  EXPECT_TRUE(is_refused({"\n", ""}, 64));
  EXPECT_TRUE(is_refused({std::string(65, 'x')}, 64));
  EXPECT_TRUE(is_refused(std::vector<std::string>(17, "\n"), 64));
  EXPECT_TRUE(is_refused({"\n"}, SIZE_MAX));
}

// Searching the whole frame, or walking over all its buffers, for each byte would take hours.
TEST(Delimiter, SearchesADrippedFrameOnce) {
  constexpr std::size_t frame_bytes = std::size_t{1} << 20;
  Delimiter codec = delimiter_from(VectorOptions("delim 0d0a0d0a max2000000"));
  Chain input;
  for (std::size_t i = 0; i < frame_bytes; ++i) {
    input.append(heap_buffer("\n"));  // never adjacent, and each the last byte of a delimiter
    ASSERT_FALSE(codec.decode(input).value());
  }
  input.append(heap_buffer("\r\n\r\n"));

  const Chain frame = codec.decode(input).value().value();

  EXPECT_EQ(frame.size(), frame_bytes);
  EXPECT_TRUE(input.empty());
}

}  // namespace
}  // namespace weir::protocols
