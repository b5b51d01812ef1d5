#include "weir/protocols/crc32c.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/seed.h"
#include "weir/base/bytes.h"

namespace weir::protocols {
namespace {

TEST(Crc32c, GivesThePublishedValues) {
  struct Vector {
    const char* name;
    std::string bytes;
    std::uint32_t crc;
  };
  std::string ascending(32, '\0');
  for (std::size_t i = 0; i < 32; ++i) ascending[i] = static_cast<char>(i);
  const std::string descending(ascending.rbegin(), ascending.rend());
  for (const auto& v : {Vector{"check value", "123456789", 0xE3069283}, Vector{"nothing", "", 0},
                        Vector{"RFC 3720 B.4, zeros", std::string(32, '\0'), 0x8A9136AA},
                        Vector{"RFC 3720 B.4, ones", std::string(32, '\xFF'), 0x62A8AB43},
                        Vector{"RFC 3720 B.4, ascending", ascending, 0x46DD794E},
                        Vector{"RFC 3720 B.4, descending", descending, 0x113FDB5C}}) {
    SCOPED_TRACE(v.name);

    EXPECT_EQ(crc32c(as_bytes(v.bytes)), v.crc);
    EXPECT_EQ(crc32c_portable(as_bytes(v.bytes)), v.crc);
  }
}

TEST(Crc32c, IsTheSameByInstructionAndByTableAtEachSizeAndAlignment) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  SCOPED_TRACE(crc32c_implementation());
  std::mt19937_64 random(seed.value());
  std::string bytes(8192, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());

  // The sizes around one and two rounds of three streams, and the small ones.
  for (const std::size_t around : {20u, 1536u, 3072u, 8000u}) {
    for (std::size_t size = around - 20; size <= around + 20; ++size) {
      const auto piece = as_bytes(bytes).subspan(size % 9, size);
      ASSERT_EQ(crc32c(piece), crc32c_portable(piece)) << size;
    }
  }
}

TEST(Crc32c, GoesOnWhereAnotherPieceEnded) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  std::string text(4000, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  const auto bytes = as_bytes(text);

  for (const std::size_t cut : {0u, 1u, 7u, 1536u, 3999u, 4000u}) {
    EXPECT_EQ(crc32c(bytes.subspan(cut), crc32c(bytes.first(cut))), crc32c(bytes)) << cut;
  }
}

}  // namespace
}  // namespace weir::protocols
