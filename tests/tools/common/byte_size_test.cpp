#include "tools/weir/common/byte_size.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools {
namespace {

using ::testing::HasSubstr;

TEST(ByteSize, ReadsDecimalAndBinaryUnits) {
  struct Vector {
    const char* text;
    std::uint64_t bytes;
  };
  for (const auto& v : {Vector{"0", 0}, Vector{"64", 64}, Vector{"64B", 64}, Vector{"16k", 16'000},
                        Vector{"16K", 16'000}, Vector{"16kB", 16'000}, Vector{"16Ki", 16'384},
                        Vector{"16KiB", 16'384}, Vector{"1M", 1'000'000}, Vector{"1MiB", 1 << 20},
                        Vector{"1.5k", 1'500}, Vector{"0.3k", 300}, Vector{"0.5KiB", 512},
                        Vector{"2G", 2'000'000'000}, Vector{"1024GiB", 1ULL << 40}}) {
    const auto bytes = parse_byte_size(v.text);

    ASSERT_TRUE(bytes) << v.text << ": " << bytes.error().message;
    EXPECT_EQ(*bytes, v.bytes) << v.text;
  }
}

TEST(ByteSize, RefusesWhatIsNotASize) {
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v :
       {Vector{"", "is not a size"}, Vector{"k", "is not a size"}, Vector{"-1", "is not a size"},
        Vector{"0x10", "unknown unit \"x10\""}, Vector{"16kb", "unknown unit \"kb\""},
        Vector{"16m", "unknown unit \"m\""}, Vector{"16 k", "unknown unit \" k\""},
        Vector{"1.5", "not a whole number of bytes"}, Vector{"0.3KiB", "not a whole number"},
        Vector{"1025GiB", "more than 1 TiB"}, Vector{"99999999999999999999", "more than 1 TiB"}}) {
    const auto bytes = parse_byte_size(v.text);

    ASSERT_FALSE(bytes) << v.text;
    EXPECT_THAT(bytes.error().message, HasSubstr(v.reason)) << v.text;
  }
}

TEST(ByteSize, PrintsPowersOf1024) {
  EXPECT_EQ(format_byte_size(0), "0 B");
  EXPECT_EQ(format_byte_size(64), "64 B");
  EXPECT_EQ(format_byte_size(1000), "1000 B");
  EXPECT_EQ(format_byte_size(1023.9), "1.0 KiB");
  EXPECT_EQ(format_byte_size(1500), "1.5 KiB");
  EXPECT_EQ(format_byte_size(16384), "16 KiB");
  EXPECT_EQ(format_byte_size(7.32 * 1024 * 1024), "7.3 MiB");
  EXPECT_EQ(format_byte_size(123.4 * 1024 * 1024), "123 MiB");
}

}  // namespace
}  // namespace weir::tools
