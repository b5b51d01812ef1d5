#include "tools/weir/common/base64.h"

#include <random>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"
#include "weir/base/bytes.h"

namespace weir::tools {
namespace {

TEST(Base64, HasTheVectorsOfTheRfc) {
  struct Vector {
    std::string_view plain, text;
  };
  for (const auto& v :
       {Vector{"", ""}, Vector{"f", "Zg=="}, Vector{"fo", "Zm8="}, Vector{"foo", "Zm9v"},
        Vector{"foob", "Zm9vYg=="}, Vector{"fooba", "Zm9vYmE="}, Vector{"foobar", "Zm9vYmFy"},
        Vector{"\xfb\xff\xfe", "+//+"}}) {
    SCOPED_TRACE(v.text);

    const auto decoded = decode_base64(v.text);

    EXPECT_EQ(encode_base64(as_bytes(v.plain)), v.text);
    ASSERT_TRUE(decoded);
    EXPECT_THAT(*decoded, ::testing::ElementsAreArray(as_bytes(v.plain)));
  }
}

TEST(Base64, RefusesWhatNoEncoderWrites) {
  for (const std::string_view text :
       {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zm9 ", "Zm-_",
        "Zh==", "Zm9=", "Z=g=", "\xc3\xa4zz"}) {
    SCOPED_TRACE(text);

    EXPECT_FALSE(decode_base64(text));
  }
}

TEST(Base64, DecodesWhatItEncodes) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<std::byte> bytes(size);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());

    const auto decoded = decode_base64(encode_base64(bytes));

    ASSERT_EQ(decoded, bytes);
  }
}

}  // namespace
}  // namespace weir::tools
