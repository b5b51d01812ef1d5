#include "weir/protocols/line.h"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/codec_check.h"
#include "tests/support/home_pool.h"
#include "weir/protocols/utf8.h"

namespace weir::protocols {
namespace {

using test::check_round_trips;
using test::check_vectors;
using test::heap_buffer;
using test::hex;
using test::VectorOptions;

Line line_from(const VectorOptions& options) {
  return Line::create(
             {.line_bytes_max = options.size("max"),
              .line_end = options.has("lf")     ? LineEnd::lf
                          : options.has("crlf") ? LineEnd::crlf
                                                : LineEnd::lf_or_crlf,
              .line_end_bytes =
                  options.has("keep") ? DelimiterBytes::kept : DelimiterBytes::stripped,
              .utf8_check = options.has("utf8") ? Utf8Check::on : Utf8Check::off,
              .stream_rest = options.has("rest") ? StreamRest::is_frame : StreamRest::is_error,
              .bad_frame = options.has("skip") ? BadFrame::is_skipped : BadFrame::ends_stream,
              .too_large_report =
                  options.has("lazy") ? TooLargeReport::after_skipping : TooLargeReport::at_once})
      .value();
}

constexpr std::string_view line_vectors = R"(
DL01 ; max1024 ; 66697273740d0a7365636f6e640a74 ; 6669727374 7365636f6e64 ~1 ; both line ends
DL02 ; keep max1024 ; 66697273740d0a7365636f6e640a74 ; 66697273740d0a 7365636f6e640a ~1 ; kept
DL03 ; max1024 ; 68750d | 0a68750d0a ; 6875 6875 ; CR and LF in different reads
DL04 ; max1024 ; 0a0d0a610a ; - - 61 ; empty lines
DL05 ; max1024 ; 0d61610a ; 0d6161 ; a CR by itself belongs to the line
DL06 ; crlf max1024 ; 610a620d0a0d0a ; 610a62 - ; an LF by itself too
DL07 ; lf max1024 ; 0d0a ; 0d ; as does a CR before LF
DL08 ; max6 skip ; 6c696e65203120697320746f6f206c6f6e670a6c696e6520320a
    ; E:too_long 6c696e652032 ; one error a line
DL09 ; max5 ; 68656c6c6f | 0a776f726c64 ; 68656c6c6f ~5 ; the limit itself, its LF in the next read
DL10 ; max1 skip ; 6161 | 61 ; E:too_long ; the rest of it disappears
DL11 ; max5 ; 68656c6c6f0d0a 68656c6c6f210a ; 68656c6c6f E:too_long ; a CR before LF does not count
DL12 ; max2 skip lazy ; 000102 | 0304 | 0a | 35 | 0a ; E:too_long 35 ; reported when it has passed
DL18 ; max1024 rest ; 610a62 $ ; 61 62 ; the last line has no end
DL19 ; max1024 ; 610a62 $ ; 61 E:trunc ; which is an error unless allowed
DL33 ; max5 rest ; 68656c6c6f0d $ ; E:too_long ; a CR at the end was none of a CRLF
DL34 ; max1 rest skip ; 616161 $ ; E:too_long ; nothing is left of it
UT01 ; utf8 max1024 ; c3a40a e282ac0a f09f98800a ; c3a4 e282ac f09f9880 ; two, three and four bytes
UT02 ; utf8 max1024 skip ; c0800a 610a ; E:utf8 61 ; overlong
UT03 ; utf8 max1024 ; eda0800a ; E:utf8 ; a surrogate
UT04 ; utf8 max1024 ; f48fbfbf0a f49080800a ; f48fbfbf E:utf8 ; the last character, and one more
UT05 ; utf8 max1024 skip ; e282 0a 80 0a 61ff0a 610a ; E:utf8 E:utf8 E:utf8 61
    ; cut, and without a beginning
UT06 ; utf8 max1024 rest ; 610ac3 $ ; 61 E:utf8 ; cut by the end
)";

TEST(Line, FindsTheLinesOfEachVectorHoweverTheyAreCut) { check_vectors(line_vectors, line_from); }

std::string draw_line(std::mt19937_64& random, std::size_t size) {
  std::string line(size, 'x');
  for (char& c : line) c = static_cast<char>(' ' + random() % 90);
  return line;
}

TEST(Line, DecodesWhatItEncoded) {
  for (const char* const options : {"max400", "lf max400", "crlf max400", "utf8 max400"}) {
    SCOPED_TRACE(options);

    check_round_trips([&] { return line_from(VectorOptions(options)); }, 400, draw_line);
  }
}

TEST(Line, SendsTheEndItWasMadeFor) {
  struct Case {
    const char *options, *wire;
  };
  for (const auto& c :
       {Case{"max64", "a\n"}, Case{"lf max64", "a\n"}, Case{"crlf max64", "a\r\n"}}) {
    SCOPED_TRACE(c.options);
    Chain wire;

    ASSERT_TRUE(
        line_from(VectorOptions(c.options)).encode(Chain(heap_buffer("a")), wire).has_value());

    EXPECT_EQ(wire, std::string_view(c.wire));
  }
}

TEST(Line, RefusesToSendWhatIsNoUtf8WhereThatIsChecked) {
  Chain wire;

  const auto encoded =
      line_from(VectorOptions("utf8 max64")).encode(Chain(heap_buffer("\xFF")), wire);

  EXPECT_EQ(encoded.error(), Error::text_not_utf8);
  EXPECT_TRUE(wire.empty());
}

// The rule of RFC 3629, restated as code points: what encodes to the same bytes is valid.
bool is_utf8_by_code_point(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (text.size() < size || (first >= 0x80 && first < 0xC0) || first >= 0xF8) return false;
    char32_t code = size == 1 ? first : first & (0x7F >> size);
    for (std::size_t i = 1; i < size; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if ((byte & 0xC0) != 0x80) return false;
      code = code << 6 | (byte & 0x3F);
    }
    static constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[size] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
    text.remove_prefix(size);
  }
  return true;
}

TEST(Utf8, AgreesWithTheDefinitionOnEachShortSequence) {
  // All sequences of two bytes, with some third and fourth ones behind them.
  for (unsigned pair = 0; pair < 0x10000; ++pair) {
    for (const std::string_view tail : {"", "\x80", "\xBF", "a", "\x80\x80", "\xBF\xBF"}) {
      const std::string text =
          std::string{static_cast<char>(pair >> 8), static_cast<char>(pair)} + std::string(tail);
      ASSERT_EQ(is_utf8(FrameView(as_bytes(text))), is_utf8_by_code_point(text))
          << test::to_hex(text);
    }
  }
}

}  // namespace
}  // namespace weir::protocols
