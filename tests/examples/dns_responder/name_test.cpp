#include "examples/dns_responder/name.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/examples/dns_responder/parsed_response.h"
#include "weir/base/bytes.h"

namespace dns_responder {
namespace {

using test::bytes_of;

constexpr std::string_view header = "(00)*12 ";

TEST(Name, IsReadInSmallLettersThroughPointers) {
  struct Vector {
    const char* name;
    const char* behind_header;
    std::size_t offset;
    const char* expected;
    std::size_t end;
  };
  for (const Vector& v :
       {Vector{"root", "00", 12, ".", 13},
        Vector{"letters", "03 'wWw' 01 'X' 00", 12, "www.x.", 19},
        Vector{"any byte", "02 ff2e 00", 12, "\\255\\..", 16},
        Vector{"pointer", "01 'a' 00 01 'b' c00c", 15, "b.a.", 19},
        Vector{"pointer to a pointer", "01 'a' 00 01 'b' c00c c00f", 19, "b.a.", 21},
        Vector{"pointer alone", "00 c00c", 13, ".", 15}}) {
    SCOPED_TRACE(v.name);
    const auto message = bytes_of(std::string(header) + v.behind_header);
    Name name;

    const std::optional<std::size_t> end = read_name(message, v.offset, name);

    ASSERT_TRUE(end);
    EXPECT_EQ(*end, v.end);
    EXPECT_EQ(name.to_string(), v.expected);
  }
}

TEST(Name, IsRefusedWhenItIsNone) {
  struct Vector {
    const char* name;
    const char* behind_header;
    std::size_t offset;
  };
  for (const Vector& v :
       {Vector{"nothing", "", 12}, Vector{"beyond the end", "00", 14},
        Vector{"without a root", "01 'a'", 12}, Vector{"label cut off", "05 'abc'", 12},
        Vector{"pointer cut off", "00 c0", 13}, Vector{"pointer to itself", "c00c", 12},
        Vector{"pointer forward", "c00e 00", 12}, Vector{"pointer into the header", "00 c000", 13},
        Vector{"circle", "01 'a' c00c", 12},
        Vector{"pointer into itself", "01 'a' 00 02 'bc' c010", 15},
        Vector{"label of 64", "40 (61)*64 00", 12}, Vector{"label type 10", "80 00", 12},
        Vector{"256 bytes", "3f (61)*63 3f (61)*63 3f (61)*63 3e (61)*62 00", 12},
        Vector{"256 bytes by a pointer",
               "3f (61)*63 3f (61)*63 3f (61)*63 3d (61)*61 00 01 'b' c00c", 267}}) {
    SCOPED_TRACE(v.name);
    const auto message = bytes_of(std::string(header) + v.behind_header);
    Name name;

    const std::optional<std::size_t> end = read_name(message, v.offset, name);

    EXPECT_FALSE(end);
  }
}

TEST(Name, TakesLabelsUpToTheLimits) {
  const std::string label63(63, 'a');
  const std::string label61(61, 'b');
  Name name;

  for (int i = 0; i < 3; ++i) EXPECT_TRUE(name.append_label(weir::as_bytes(label63)));
  EXPECT_FALSE(name.append_label(weir::as_bytes(label63)));
  EXPECT_TRUE(name.append_label(weir::as_bytes(label61)));

  EXPECT_EQ(name.wire().size(), Name::wire_bytes_max);
  EXPECT_FALSE(name.append_label(weir::as_bytes("c")));
  EXPECT_FALSE(Name().append_label(weir::as_bytes(std::string(64, 'a'))));
  EXPECT_FALSE(Name().append_label({}));
}

TEST(Name, HasRoomForTheMostLabels) {
  Name name;
  for (unsigned i = 0; i < Name::labels_max; ++i) {
    ASSERT_TRUE(name.append_label(weir::as_bytes("a")));
  }

  EXPECT_FALSE(name.append_label(weir::as_bytes("a")));
  EXPECT_EQ(name.label_count(), Name::labels_max);
  EXPECT_EQ(name.suffix(Name::labels_max).size(), 1U);
}

TEST(Name, LowersNothingButLetters) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_capital = byte >= 'A' && byte <= 'Z';

    EXPECT_EQ(std::to_integer<int>(lower(static_cast<std::byte>(byte))),
              byte + (is_capital ? 32 : 0));
  }
}

}  // namespace
}  // namespace dns_responder
