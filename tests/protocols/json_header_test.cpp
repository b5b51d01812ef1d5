#include "weir/protocols/json_header.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/codec_check.h"
#include "tests/support/home_pool.h"
#include "weir/base/allocate.h"
#include "weir/protocols/deframer.h"

namespace weir::protocols {
namespace {

using test::event_of;
using test::heap_buffer;
using test::HomePool;
using test::VectorOptions;

JsonHeader json_header_from(const VectorOptions& options) {
  return JsonHeader(
      {.header_bytes_max = options.size("maxh"), .payload_bytes_max = options.size("maxd")});
}

constexpr std::string_view json_header_vectors = R"(
JH01 ; maxh256 maxd1024 ; 10000000 7b22646174615f73697a65223a20337d 616263 ; 616263
    ; struct.pack and json.dumps
JH02 ; maxh256 maxd1024 ; 10000000 7b22646174615f73697a65223a20307d ; - ; a command without output
JH03 ; maxh256 maxd1024 ; J'{"x":[1,{}],"data_size":1}' 7a ; 7a
    ; other members are the application's
JH04 ; maxh256 maxd1024 ; 00000000 ; E:header_len ; no header
JH05 ; maxh256 maxd1024 ; ffffffff ; E:header_len ; negative
JH06 ; maxh256 maxd1024 ; 00000010 ; E:header_len ; a big-endian peer
JH07 ; maxh256 maxd1024 ; J'{"data_size": -1}' ; E:data_size ; negative
JH08a ; maxh256 maxd1024 ; J'{"data_size": 1.5}' ; E:data_size ; no whole number
JH08b ; maxh256 maxd1024 ; J'{"data_size": 3.0}' ; E:data_size ; nor this, though equal to one
JH08c ; maxh256 maxd1024 ; J'{"data_size": 1e3}' ; E:data_size ; exponents neither
JH08d ; maxh256 maxd1024 ; J'{"data_size": "3"}' ; E:data_size ; text
JH08e ; maxh256 maxd1024 ; J'{"data_size": true}' ; E:data_size ; a truth value
JH08f ; maxh256 maxd1024 ; J'{"data_size": null}' ; E:data_size ; nothing
JH08g ; maxh256 maxd1024 ; J'{"data_size": [3]}' ; E:data_size ; a list
JH08h ; maxh256 maxd1024 ; J'{"data_size": {}}' ; E:data_size ; an object
JH08i ; maxh256 maxd1024 ; J'{"data_size": -0}' ; E:data_size ; minus nothing
JH08j ; maxh256 maxd1024 ; J'{"data_size": 1, "offset": -0}' 61 ; 61 ; is anybody else's to judge
JH09a ; maxh256 maxd1024 ; J'{"data_size": 9223372036854775808}' ; E:data_size ; 2^63
JH09b ; maxh256 maxd1024 ; J'{"data_size": 18446744073709551616}' ; E:data_size ; 2^64
JH09c ; maxh256 maxd1024 ; J'{"data_size": 9223372036854775807}' ; E:too_long ; 2^63 - 1 is a number
JH10 ; maxh256 maxd1024 ; J'{"data_size": 1025}' ; E:too_long ; before any payload byte
JH11 ; maxh256 maxd1024 ; J'{"data_size": 1, "data_size": 2}' ; E:dup_key
    ; parsers disagree on which counts
JH12 ; maxh256 maxd1024 ; J'{"data_size": 1, "a": {"b": 1, "b": 2}}' ; E:dup_key
    ; in inner objects too
JH13 ; maxh256 maxd1024 ; J'{"size": 1}' ; E:data_size ; missing
JH14a ; maxh256 maxd1024 ; J'3' ; E:header_json ; not an object
JH14b ; maxh256 maxd1024 ; J'[3]' ; E:header_json ; a list
JH14c ; maxh256 maxd1024 ; J'null' ; E:header_json ; nothing
JH15 ; maxh256 maxd1024 ; J'{"data_size": 3}x' ; E:header_json ; something behind it
JH15b ; maxh256 maxd1024 ; 12000000 7b22646174615f73697a65223a20337d 0078 ; E:header_json
    ; something behind a NUL
JH15c ; maxh256 maxd1024 ; 11000000 7b22646174615f73697a65223a20337d 00 ; E:header_json ; a NUL
JH16a ; maxh256 maxd1024 ; J'{"data_size": 1, "a": [[[[[[[0]]]]]]]}' 7a ; 7a
    ; nested as deep as allowed
JH16b ; maxh256 maxd1024 ; J'{"data_size": 1, "a": [[[[[[[[0]]]]]]]]}' ; E:header_json ; one deeper
JH17 ; maxh256 maxd1024 ; J'{"data_size": 5}' 6162 $ ; E:trunc ; ends in the payload
JH18 ; maxh256 maxd1024 ; J'{"data_size": 03}' ; E:header_json ; a leading zero
JH19 ; maxh256 maxd1024 ; J'{"data_size": 3,}' ; E:header_json ; a comma too many
JH20 ; maxh256 maxd1024 ; 13000000 efbbbf 7b22646174615f73697a65223a20337d ; E:header_json
    ; a byte order mark
JH21 ; maxh256 maxd1024 ; 10000000 7b22646174615f73697a65223a20ff7d ; E:header_json ; no UTF-8
JH22 ; maxh256 maxd1024 ; J'{"a": {"data_size": 1}}' ; E:data_size ; only at the top
JH23 ; maxh256 maxd1024 ; J'  {"data_size":1}  ' 7a J'{"data_size":0}' ; 7a -
    ; spaces, and a frame after it
JH24 ; maxh15 maxd1024 ; J'{"data_size":1}' 7a ; 7a ; the limit itself
JH25 ; maxh15 maxd1024 ; 10000000 ; E:header_len ; one more, known at once
JH26 ; maxh256 maxd1024 ; J'{"data_size": 1' ; E:header_json ; cut
JH27 ; maxh256 maxd1024 ; J'{"data\u005fsize": 1}' 7a ; 7a ; the same key, escaped
JH28 ; maxh256 maxd1024 ; J'{"data_size": 1, "data\u005fsize": 2}' ; E:dup_key
    ; which makes it twice
)";

TEST(JsonHeader, FindsTheFramesOfEachVectorHoweverTheyAreCut) {
  test::check_vectors(json_header_vectors, json_header_from);
}

TEST(JsonHeader, RefusesANumberOfFourThousandDigits) {
  const std::string header = R"({"data_size": )" + std::string(4096, '9') + "}";
  Chain wire(heap_buffer(std::string("\x0F\x10\0\0", 4) + header));
  ASSERT_EQ(header.size(), 0x100F);

  const auto frame = JsonHeader({.header_bytes_max = 8192, .payload_bytes_max = 1024}).decode(wire);

  ASSERT_FALSE(frame.has_value());
  EXPECT_EQ(frame.error(), Error::payload_size_invalid);
}

TEST(JsonHeader, GivesTheHeaderToTheApplicationAsItWas) {
  const std::string header = R"({"status": 3, "data_size": 2})";
  Chain wire;
  JsonHeader codec({.header_bytes_max = 256, .payload_bytes_max = 1024});

  ASSERT_TRUE(codec.encode({header, Chain(heap_buffer("ab"))}, wire));
  const auto frame = codec.decode(wire);

  ASSERT_TRUE(frame.value());
  EXPECT_EQ((*frame)->header, header);
  EXPECT_EQ((*frame)->payload, std::string_view("ab"));
}

TEST(JsonHeader, WritesTheBytesOfTheTutorial) {
  Chain wire;

  const auto encoded = JsonHeader({.header_bytes_max = 256, .payload_bytes_max = 1024})
                           .encode({"", Chain(heap_buffer("abc"))}, wire);

  ASSERT_TRUE(encoded.has_value());
  EXPECT_EQ(wire, std::string("\x10\0\0\0{\"data_size\": 3}abc", 23));
}

TEST(JsonHeader, RefusesToSendWhatItWouldNotAccept) {
  struct Case {
    const char *header, *error;
  };
  for (const auto& c :
       {Case{R"({"data_size": 2})", "E:data_size"}, Case{R"({"data_size": 3.0})", "E:data_size"},
        Case{R"({"data_size": 3} )"
             "                                                                 ",
             "E:header_len"},
        Case{R"({"data_size": 3, "a": 1, "a": 1})", "E:dup_key"}, Case{"{", "E:header_json"}}) {
    SCOPED_TRACE(c.header);
    Chain wire(heap_buffer("before"));

    const auto encoded = JsonHeader({.header_bytes_max = 64, .payload_bytes_max = 1024})
                             .encode({c.header, Chain(heap_buffer("abc"))}, wire);

    ASSERT_FALSE(encoded.has_value());
    EXPECT_EQ(event_of(encoded.error()), c.error);
    EXPECT_EQ(wire, std::string_view("before"));
  }
  Chain wire;
  EXPECT_EQ(JsonHeader({.header_bytes_max = 64, .payload_bytes_max = 2})
                .encode({"", Chain(heap_buffer("abc"))}, wire)
                .error(),
            Error::frame_too_large);
}

TEST(JsonHeader, SendsAndKeepsALargePayloadByReference) {
  HomePool pool;
  Buffer payload = pool.buffer(std::string(2000, 'x'));
  const std::byte* const bytes = payload.data();
  JsonHeader codec({.header_bytes_max = 64, .payload_bytes_max = 4096});
  Chain wire;

  ASSERT_TRUE(codec.encode({"", Chain(std::move(payload))}, wire));
  const auto frame = codec.decode(wire);

  EXPECT_EQ(frame.value()->payload.front().data(), bytes);
}

TEST(JsonHeader, TakesNoMemoryForAPayloadThatIsOnlyAnnounced) {
  HomePool pool;
  JsonHeader codec({.header_bytes_max = 64, .payload_bytes_max = std::size_t{1} << 40});
  Chain input(pool.buffer(test::hex("J'{\"data_size\": 1099511627776}' 61")));
  const std::size_t bytes_before = pool->stats().total_bytes;

  ASSERT_FALSE(codec.decode(input).value());

  EXPECT_EQ(pool->stats().total_bytes, bytes_before);
  EXPECT_EQ(codec.missing_bytes(input), (std::size_t{1} << 40) - 1);
}

TEST(JsonHeader, SaysHowMuchOfAHeaderIsMissing) {
  JsonHeader codec({.header_bytes_max = 64, .payload_bytes_max = 1024});
  Chain input;
  EXPECT_EQ(codec.missing_bytes(input), 4U);

  input.append(heap_buffer(test::hex("10000000 7b22")));

  ASSERT_FALSE(codec.decode(input).value());
  EXPECT_EQ(codec.missing_bytes(input), 14U);
}

TEST(JsonHeader, ReadsALongHeaderOfEscapesAndMembersInOneGo) {
  std::string header = R"({"data_size": 0, "text": ")";
  for (int i = 0; i < 30000; ++i) header += R"(\"\\)";
  header += R"(", "many": {)";
  for (int i = 0; i < 20000; ++i) header += "\"k" + std::to_string(i) + "\": [],";
  header += "\"last\": {}}}";
  Chain wire;
  JsonHeader codec({.header_bytes_max = std::size_t{1} << 20, .payload_bytes_max = 0});

  ASSERT_TRUE(codec.encode({header, {}}, wire).has_value());
  const auto frame = codec.decode(wire);

  EXPECT_EQ(frame.value()->header, header);
}

}  // namespace
}  // namespace weir::protocols
