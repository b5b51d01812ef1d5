#include "weir/protocols/datagram_header.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"
#include "tests/support/wire_text.h"

namespace weir::protocols {
namespace {

using std::chrono::nanoseconds;
using test::hex;
using testing::Each;

std::string text_of(std::span<const std::byte> bytes) { return test::to_hex(as_text(bytes)); }

TEST(DatagramHeader, IsTheseBytes) {
  struct Vector {
    const char* name;
    DatagramHeader header;
    const char* wire;
  };
  const Vector vectors[] = {
      {"zero", {}, "57445301 00000000 0000000000000000 0000000000000000"},
      {"each byte in its place",
       {0x01020304, 0x05060708090a0b0c, nanoseconds(0x0d0e0f1011121314)},
       "57445301 01020304 05060708090a0b0c 0d0e0f1011121314"},
      {"the largest",
       {0xffffffff, DatagramHeader::sequence_max, nanoseconds::max()},
       "57445301 ffffffff fffffffffffffffe 7fffffffffffffff"},
      {"a clock before its epoch",
       {0, 1, nanoseconds(-1)},
       "57445301 00000000 0000000000000001 ffffffffffffffff"},
  };
  for (const Vector& v : vectors) {
    SCOPED_TRACE(v.name);

    const auto encoded = v.header.encoded();
    const auto decoded = DatagramHeader::decode(encoded);

    EXPECT_EQ(text_of(encoded), test::to_hex(hex(v.wire)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, v.header);
  }
}

TEST(DatagramHeader, RefusesWhatIsNoneAndSaysWhy) {
  struct Vector {
    const char* name;
    const char* wire;
    Error error;
  };
  const Vector vectors[] = {
      {"empty datagram", "", Error::frame_too_small},
      {"one byte short", "57445301 (00)*19", Error::frame_too_small},
      {"short and foreign", "ff", Error::frame_too_small},
      {"foreign", "(00)*24", Error::frame_malformed},
      {"first byte", "58445301 (00)*20", Error::frame_malformed},
      {"third byte", "57445201 (00)*20", Error::frame_malformed},
      {"version before this", "57445300 (00)*20", Error::unsupported},
      {"version after this", "57445302 (00)*20", Error::unsupported},
      {"number never sent", "57445301 00000000 (ff)*8 (00)*8", Error::frame_malformed},
  };
  for (const Vector& v : vectors) {
    SCOPED_TRACE(v.name);
    const std::string wire = hex(v.wire);

    const auto decoded = DatagramHeader::decode(as_bytes(wire));

    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(), v.error);
  }
}

TEST(DatagramHeader, LeavesThePayloadAlone) {
  std::vector<std::byte> datagram(100, std::byte{0xa5});
  const DatagramHeader header{.stream_id = 7, .sequence = 8, .send_time = nanoseconds(9)};

  header.encode(datagram);

  EXPECT_EQ(DatagramHeader::decode(datagram), header);
  EXPECT_THAT(std::span(datagram).subspan(DatagramHeader::wire_bytes), Each(std::byte{0xa5}));
}

TEST(DatagramHeader, ComesBackAsItWas) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  // At an odd place of memory, as behind another header.
  std::vector<std::byte> memory(1 + DatagramHeader::wire_bytes);
  const auto datagram = std::span(memory).subspan(1);
  for (int i = 0; i < 1000; ++i) {
    const DatagramHeader header{.stream_id = static_cast<std::uint32_t>(random()),
                                .sequence = random() >> random() % 64 & ~std::uint64_t{1},
                                .send_time = nanoseconds(static_cast<std::int64_t>(random()))};

    header.encode(datagram);

    ASSERT_EQ(DatagramHeader::decode(datagram), header);
  }
}

TEST(DatagramHeaderDeathTest, DoesNotWriteOverTheEnd) {
  std::vector<std::byte> datagram(DatagramHeader::wire_bytes - 1);
  std::vector<std::byte> whole(DatagramHeader::wire_bytes);

  EXPECT_DEATH(DatagramHeader{}.encode(datagram), "datagram.size");
  EXPECT_DEATH(DatagramHeader{.sequence = UINT64_MAX}.encode(whole), "sequence_max");
}

}  // namespace
}  // namespace weir::protocols
