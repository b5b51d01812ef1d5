#include "weir/protocols/length_prefix.h"

#include <bit>
#include <cstddef>
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

using test::check_round_trips;
using test::check_vectors;
using test::event_of;
using test::heap_buffer;
using test::hex;
using test::HomePool;
using test::random_bytes;
using test::to_hex;
using test::VectorOptions;

LengthPrefix make(const LengthPrefix::Options& options) {
  return LengthPrefix::create(options).value();
}

LengthPrefix length_prefix_from(const VectorOptions& options) {
  LengthPrefix::Options chosen{
      .frame_bytes_max = options.size("max"),
      .width_bytes = options.size("w"),
      .order = options.has("le") ? std::endian::little : std::endian::big,
      .sign = options.has("signed") ? Sign::is_signed : Sign::is_unsigned,
      .offset_bytes = options.size("off"),
      .adjustment_bytes = options.number("adj", 0),
      .bad_frame = options.has("skip") ? BadFrame::is_skipped : BadFrame::ends_stream,
      .too_large_report =
          options.has("lazy") ? TooLargeReport::after_skipping : TooLargeReport::at_once};
  if (options.number("s", -1) >= 0) chosen.stripped_bytes = options.size("s");
  if (options.has("crc_before")) chosen.checksum = Checksum::crc32c_before;
  if (options.has("crc_after")) chosen.checksum = Checksum::crc32c_after;
  return make(chosen);
}

constexpr std::string_view length_prefix_vectors = R"(
LF01 ; w4 s4 max1024 ; 00000003616263 ; 616263 ; one frame
LF02 ; w4 s4 max1024 ; 00000001610000000262630000 ; 61 6263 ~2 ; two and the start of a third
LF03 ; w4 s4 max1024 ; 000000000000000000000001 7a ; - - 7a ; empty frames are frames
LF04 ; le w4 s4 max1024 ; 03000000616263 ; 616263 ; little-endian
LF05 ; w1 s1 max1024 ; 0361626300 ; 616263 - ; one byte of length
LF06 ; w2 off4 s6 max1024 ; 7a7a7a7a0003616263 ; 616263 ; bytes before the length
LF07 ; w2 adj-2 s2 max1024 ; 00056162630002 ; 616263 - ; the length counts itself
LF08 ; w2 off2 s0 max1024 ; 787800033132337979000134 ; 78780003313233 7979000134
    ; nothing is stripped
LF09 ; w3 adj1 s4 max1024 ; 0000030c616263 ; 616263 ; one more header byte behind the length
LF10 ; w3 adj1 s3 max1024 ; 0000030c616263 ; 0c616263 ; the same, kept
LF11 ; w2 off1 adj-3 s3 max1024 ; ca0007fe616263 ; fe616263 ; the length counts everything
LF12 ; w8 s8 max1024 ; 0000000000000003616263 ; 616263 ; eight bytes
LF13 ; le w3 s3 max1024 ; 030000616263 ; 616263 ; three bytes, little-endian
LF14 ; w4 s4 max7 ; 0000000361626300000004 ; 616263 E:too_long ; the limit itself passes
LF15 ; w4 s4 max5 skip ; 00000002 | 0000 | 0000000141 ; E:too_long 41 ; goes on behind the bad frame
LF16 ; w4 s4 max5 skip lazy ; 00000002 | 0000 | 0000000141 ; E:too_long 41
    ; reported when it has passed
LF17 ; w4 s4 max5 ; 0000000200000000000141 ; E:too_long ; the first error ends the stream
LF18 ; w4 s4 max5 lazy ; 00000002000000000001 41 ; E:too_long ; reported late, and final
LF19 ; w4 s4 max16 skip ; 00000014 0000000141000000014100000001410000000141 0000000142
    ; E:too_long 42 ; no frame is read out of a bad one
LF20 ; w4 s4 max1048576 ; ffffffff ; E:too_long ; unsigned
LF21 ; w4 s4 max1048576 signed ; ffffffff ; E:negative ; signed
LF22 ; w8 s8 max1048576 signed ; 8000000000000000 ; E:negative ; the smallest number
LF23 ; w8 s8 max1048576 ; 7fffffffffffffff ; E:too_long ; no sum wraps
LF24 ; w8 s8 adj8 max1048576 ; ffffffffffffffff ; E:too_long ; nor this one
LF25 ; w2 adj-2 s2 max1024 ; 0001 ; E:short ; shorter than its own length field
LF26 ; w2 adj-2 s4 max1024 skip ; 0003ff 00056162ff ; E:short ff
    ; shorter than what is stripped; the end is known
LF27 ; w4 s4 max1024 ; 000000036162 $ ; E:trunc ; ends in the payload
LF28 ; w4 s4 max1024 ; 0000 $ ; E:trunc ; ends in the length
LF29 ; w4 s4 max1024 ; 00000003616263 $ ; 616263 ; ends between frames
LF30 ; w4 s4 max1024 ; $ ; ; ends before the first
LF31 ; w5 s5 max1024 ; 0000000003616263 ; 616263 ; five bytes
LF32 ; le w7 s7 max1024 ; 03000000000000616263 ; 616263 ; seven bytes
LF33 ; le w2 signed max65535 ; ff7f ; ~2 ; the largest signed number
LF34 ; le w2 signed max32768 ; ff7f ; E:too_long ; the same, over the limit
LF35 ; w2 max10 skip ; 0009 (41)*9 0001 42 0009 (43)*9 0000 ; E:too_long 42 E:too_long -
    ; one error each
CR01 ; le w4 crc_before max1024 ; 09000000 839206e3 313233343536373839 ; 313233343536373839
    ; the check value
CR02 ; le w4 crc_before max1024 ; 09000000 839206e2 313233343536373839 ; E:crc ; one bit
CR03 ; w4 crc_after max1024 ; 00000009 313233343536373839 e3069283 ; 313233343536373839
    ; behind the payload
CR04 ; w2 crc_after max1024 skip ; 0001 61 00000000 0000 00000000 ; E:crc -
    ; the next frame is found
CR05 ; w2 crc_after max1024 ; 0001 61 0000 $ ; E:trunc ; ends in the checksum
CR06 ; w2 crc_after max16 ; 000a ; ~2 ; 10 bytes and their frame make 16
CR07 ; w2 crc_after max16 ; 000b ; E:too_long ; one more
PR01 ; w3 adj6 s0 max16393 ; 000003000100000001616263 ; 000003000100000001616263 ; HTTP/2
PR02 ; w3 adj6 s0 max16393 ; 004001 ; E:too_long ; HTTP/2: known at byte 3
PR03 ; off1 w4 s0 max4194309 ; 0000000003616263 ; 0000000003616263 ; gRPC
PR04 ; off1 w4 adj-4 s0 max1024 ; 5100000007616263 ; 5100000007616263 ; PostgreSQL
PR05 ; off1 w4 adj-4 s0 max1024 ; 5100000003 ; E:short ; PostgreSQL, less than 4
PR06 ; w4 s4 signed max104857604 ; 06400001 ; E:too_long ; Kafka: 100 MiB
PR07 ; off3 w2 s0 max16645 ; 1603010003616263 ; 1603010003616263 ; TLS record
PR08 ; le w3 adj1 s0 max1024 ; 03000000616263 ; 03000000616263 ; MySQL
PR09 ; w2 max65537 ; 0003616263 ; 616263 ; DNS over TCP
)";

TEST(LengthPrefix, FindsTheFramesOfEachVectorHoweverTheyAreCut) {
  check_vectors(length_prefix_vectors, length_prefix_from);
}

TEST(LengthPrefix, SaysAtEachPrefixOfAFrameHowManyBytesAreMissing) {
  const std::string frame = hex("00000003616263");
  for (std::size_t size = 1; size < frame.size(); ++size) {
    SCOPED_TRACE(size);
    Deframer deframer(make({.frame_bytes_max = 1024}));
    Chain inbox(heap_buffer(std::string_view(frame).substr(0, size)));

    ASSERT_FALSE(deframer.next(inbox).value());
    const auto end = deframer.finish(inbox);

    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error(), Error::end_of_stream);
    EXPECT_EQ(deframer.error()->missing_bytes, size < 4 ? 4 - size : 7 - size);
  }
}

TEST(LengthPrefix, DecodesWhatItEncodedInEachFormat) {
  for (const char* const options :
       {"w1 max200", "w2 max1024", "w3 max70000", "w4 max1024", "le w4 signed max4096",
        "le w8 max70000", "w2 adj-2 max1024", "w3 adj1 s4 max1024", "w2 off4 max1024",
        "le w4 crc_before max1024", "w2 crc_after max70000", "w5 off3 adj-8 max2000"}) {
    SCOPED_TRACE(options);
    const auto make_codec = [&] { return length_prefix_from(VectorOptions(options)); };

    check_round_trips(make_codec, make_codec().payload_bytes_max(), random_bytes);
  }
}

TEST(LengthPrefix, EncodesTheBytesOfTheFormat) {
  struct Case {
    const char *options, *payload, *wire;
  };
  for (const auto& c :
       {Case{"w4 adj-4 max64", "41", "0000000541"}, Case{"w4 adj1 max64", "41", "0000000041"},
        Case{"le w4 max64", "616263", "03000000616263"},
        Case{"w2 off3 max64", "41", "000000000141"},
        Case{"le w4 crc_before max64", "313233343536373839", "09000000839206e3313233343536373839"},
        Case{"w4 crc_after max64", "313233343536373839", "00000009313233343536373839e3069283"},
        Case{"off1 w4 adj-4 s0 max64", "5100000007616263", "5100000007616263"}}) {
    SCOPED_TRACE(c.options);
    Chain wire;

    const auto encoded = length_prefix_from(VectorOptions(c.options))
                             .encode(Chain(heap_buffer(hex(c.payload))), wire);

    ASSERT_TRUE(encoded.has_value()) << encoded.error().message();
    EXPECT_EQ(to_hex(wire.to_string()), c.wire);
  }
}

TEST(LengthPrefix, RefusesToEncodeWhatItCouldNotDecode) {
  struct Case {
    const char *options, *payload, *error;
  };
  for (const auto& c :
       {Case{"w4 max8", "(41)*5", "E:too_long"}, Case{"w1 max1000", "(41)*256", "E:too_long"},
        Case{"w1 adj-1 max1000", "(41)*255", "E:too_long"},
        Case{"w1 adj1 max1000", "(41)*257", "E:too_long"}, Case{"w4 adj1 max64", "", "E:short"},
        Case{"off1 w4 adj-4 s0 max64", "5100000006616263", "E:malformed"},
        Case{"off1 w4 adj-4 s0 max64", "510000", "E:short"}}) {
    SCOPED_TRACE(c.options);
    Chain wire(heap_buffer("before"));
    const std::string payload = hex(c.payload);

    const auto encoded = length_prefix_from(VectorOptions(c.options))
                             .encode(payload.empty() ? Chain() : Chain(heap_buffer(payload)), wire);

    ASSERT_FALSE(encoded.has_value());
    EXPECT_EQ(event_of(encoded.error()), c.error);
    EXPECT_EQ(wire, std::string_view("before"));
  }
}

TEST(LengthPrefix, LowersALimitThatTheLengthCannotSay) {
  EXPECT_EQ(
      make({.frame_bytes_max = 1000, .width_bytes = 1, .adjustment_bytes = -1}).payload_bytes_max(),
      254);
  EXPECT_EQ(make({.frame_bytes_max = 1000, .width_bytes = 1}).payload_bytes_max(), 255);
  EXPECT_EQ(
      make({.frame_bytes_max = 1000, .width_bytes = 1, .adjustment_bytes = 1}).payload_bytes_max(),
      256);
}

TEST(LengthPrefix, RefusesOptionsThatMakeNoSense) {
  const LengthPrefix::Options good{.frame_bytes_max = 1024};
  ASSERT_TRUE(LengthPrefix::create(good).has_value());

  const auto is_refused = [&](auto change) {
    LengthPrefix::Options bad = good;
    change(bad);
    const auto created = LengthPrefix::create(bad);
    return !created.has_value() && created.error() == Error::option_invalid;
  };
  EXPECT_TRUE(is_refused([](auto& o) { o.width_bytes = 0; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.width_bytes = 9; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.offset_bytes = 256; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.adjustment_bytes = std::int64_t{1} << 40; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.stripped_bytes = 2; }));  // half of the length
  EXPECT_TRUE(is_refused([](auto& o) { o.stripped_bytes = 1025; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.frame_bytes_max = 0; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.frame_bytes_max = 3; }));  // not even the length
  EXPECT_TRUE(is_refused([](auto& o) {
    o.width_bytes = 1;
    o.adjustment_bytes = -300;  // no length gives a frame
  }));
  EXPECT_TRUE(is_refused([](auto& o) {
    o.checksum = Checksum::crc32c_after;
    o.stripped_bytes = 0;
  }));
}

TEST(LengthPrefix, AppliesALowerLimitToTheNextFrameNotToTheOneInFlight) {
  LengthPrefix codec = make({.frame_bytes_max = 64});
  Chain input(heap_buffer(hex("00000005 6162")));
  ASSERT_FALSE(codec.decode(input).value());

  ASSERT_TRUE(codec.set_frame_bytes_max(8).has_value());
  input.append(heap_buffer(hex("636465 00000005")));
  const auto in_flight = codec.decode(input);
  const auto next = codec.decode(input);

  EXPECT_EQ(in_flight.value()->to_string(), "abcde");
  ASSERT_FALSE(next.has_value());
  EXPECT_EQ(next.error(), Error::frame_too_large);
}

TEST(LengthPrefix, TakesNoMemoryForWhatAHeaderAnnounces) {
  HomePool pool;
  LengthPrefix codec = make({.frame_bytes_max = std::size_t{8} << 20});
  Chain input(pool.buffer(hex("007ffff0 61")));
  const std::size_t bytes_before = pool->stats().total_bytes;
  const std::uint64_t allocations_before = allocation_count();

  const auto frame = codec.decode(input);

  EXPECT_FALSE(frame.value());
  EXPECT_EQ(pool->stats().total_bytes, bytes_before);
  EXPECT_EQ(allocation_count(), allocations_before);
}

TEST(LengthPrefix, LendsAFrameWhereItLiesAndRetainsALargeOneByReference) {
  HomePool pool;
  const std::string large(1000, 'x');
  Chain input(pool.buffer(hex("000003e8") + large));
  const std::byte* const received = input.front().data();
  const Slab* const slab = input.front().slab();
  LengthPrefix codec = make({.frame_bytes_max = 2000});
  ByteCursor cursor(input);

  const FrameView view = codec.decode(cursor).value().value();
  const Chain frame = view.retain();

  EXPECT_EQ(view.bytes().data(), received + 4);
  ASSERT_EQ(frame.buffer_count(), 1u);
  EXPECT_EQ(frame.front().data(), received + 4);
  EXPECT_EQ(frame.front().slab(), slab);
}

TEST(LengthPrefix, RetainsASmallFrameWithoutItsReceiveBuffer) {
  HomePool pool;
  Buffer slab = pool.slab();
  const std::string wire = hex("00000003616263");
  std::copy_n(as_bytes(wire).data(), wire.size(), slab.writable().data());
  slab.trim_back(slab.size() - wire.size());
  Chain input(std::move(slab));
  LengthPrefix codec = make({.frame_bytes_max = 2000});
  const Slab* const received = input.front().slab();

  const Chain frame = codec.decode(input).value().value();

  EXPECT_EQ(frame, std::string_view("abc"));
  EXPECT_NE(frame.front().slab(), received);
}

TEST(LengthPrefix, KeepsAFrameOverSeveralBuffersAsAChain) {
  Chain input(heap_buffer(hex("00000190") + std::string(100, 'a')));
  input.append(heap_buffer(std::string(200, 'b')));
  input.append(heap_buffer(std::string(110, 'c')));
  LengthPrefix codec = make({.frame_bytes_max = 2000});

  const Chain frame = codec.decode(input).value().value();

  EXPECT_EQ(frame.buffer_count(), 3u);
  EXPECT_EQ(frame.to_string(),
            std::string(100, 'a') + std::string(200, 'b') + std::string(100, 'c'));
  EXPECT_EQ(input.size(), 10u);
}

TEST(LengthPrefix, SendsALargePayloadByReference) {
  LengthPrefix codec = make({.frame_bytes_max = 2000});
  Buffer payload = heap_buffer(std::string(1000, 'x'));
  const std::byte* const bytes = payload.data();
  Chain wire;

  ASSERT_TRUE(codec.encode(Chain(std::move(payload)), wire).has_value());

  ASSERT_EQ(wire.buffer_count(), 2u);
  EXPECT_EQ(wire.begin()[1].data(), bytes);
}

TEST(LengthPrefix, PutsManySmallFramesIntoOnePieceOfMemory) {
  for (const char* const options :
       {"w1 max250", "w2 max250", "le w3 max250", "w4 max250", "le w4 adj-4 max250", "w8 max250",
        "w4 adj9 max250", "w2 off1 max250", "w4 crc_after max250"}) {
    SCOPED_TRACE(options);
    HomePool pool;
    LengthPrefix codec = length_prefix_from(VectorOptions(options));
    Chain wire;
    std::string sent;
    std::string received;

    // Sizes around eight, where the length is stored in another way, and the largest.
    for (std::size_t size : {0u, 1u, 7u, 8u, 9u, 64u, 200u}) {
      if (size < 9 && VectorOptions(options).number("adj", 0) == 9) continue;
      const std::string payload(size, static_cast<char>('a' + size % 26));
      ASSERT_TRUE(codec.encode(as_bytes(payload), wire).has_value()) << size;
      sent += payload + "|";
    }
    EXPECT_FALSE(codec.encode(as_bytes(std::string(251, 'x')), wire).has_value());
    EXPECT_EQ(wire.buffer_count(), 1u);
    wire.check_invariants();
    while (const auto frame = codec.decode(wire).value()) received += frame->to_string() + "|";

    EXPECT_EQ(received, sent);
    EXPECT_TRUE(wire.empty());
  }
}

TEST(LengthPrefix, EncodesBehindOtherBytesWhatItEncodesElsewhere) {
  for (const char* const options :
       {"w1 max250", "w2 max250", "le w3 max250", "w4 max300", "le w4 adj-4 max300", "w8 max300",
        "w2 off1 max250", "w4 crc_after max250"}) {
    const LengthPrefix codec = length_prefix_from(VectorOptions(options));
    for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 64u, 240u, 255u, 256u, 290u, 400u}) {
      SCOPED_TRACE(std::string(options) + ", " + std::to_string(size));
      const std::string payload(size, 'p');
      Chain elsewhere;  // the heap: there is no pool yet
      const bool is_valid = codec.encode(as_bytes(payload), elsewhere).has_value();
      HomePool pool;
      Chain first;
      Chain second = pool->copy(as_bytes("<")).value();

      EXPECT_EQ(codec.encode(as_bytes(payload), first).has_value(), is_valid);
      EXPECT_EQ(codec.encode(as_bytes(payload), second).has_value(), is_valid);

      const std::string frame = is_valid ? elsewhere.to_string() : std::string();
      EXPECT_EQ(first, frame);
      EXPECT_EQ(second, "<" + frame);
      second.check_invariants();
    }
  }
}

TEST(LengthPrefix, LeavesTheOutputAsItWasWhenThePoolIsExhausted) {
  HomePool pool(2);
  const Buffer only = pool.slab();
  LengthPrefix codec = make({.frame_bytes_max = 2000});
  Chain wire;

  const auto encoded = codec.encode(as_bytes("abc"), wire);

  ASSERT_FALSE(encoded.has_value());
  EXPECT_EQ(encoded.error(), Error::pool_exhausted);
  EXPECT_TRUE(wire.empty());
}

}  // namespace
}  // namespace weir::protocols
