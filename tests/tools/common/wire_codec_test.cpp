#include "tools/weir/common/wire_codec.h"

#include <gtest/gtest.h>

namespace weir::tools {
namespace {

TEST(WireCodec, IsReadFromWhatItIsWrittenAs) {
  for (const WireCodec codec : {WireCodec::raw, WireCodec::len16, WireCodec::len32,
                                WireCodec::varint, WireCodec::line, WireCodec::json_header}) {
    const auto parsed = parse_wire_codec(to_text(codec));

    ASSERT_TRUE(parsed) << to_text(codec);
    EXPECT_EQ(*parsed, codec);
  }
}

TEST(WireCodec, SaysWhatThereIsInsteadOfAMistypedOne) {
  const auto mistyped = parse_wire_codec("json_header");
  const auto foreign = parse_wire_codec("xml");

  ASSERT_FALSE(mistyped);
  EXPECT_EQ(mistyped.error().message,
            "there is no codec \"json_header\"; did you mean \"json-header\"?");
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().message,
            "there is no codec \"xml\"; known are raw, len16, len32, varint, line and "
            "json-header");
}

}  // namespace
}  // namespace weir::tools
