#include "tools/weir/load/message/load_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;

TEST(LoadCodec, IsReadFromItsText) {
  for (const char* text : {"raw", "raw:64", "len16", "len32", "varint", "line", "json-header"}) {
    SCOPED_TRACE(text);

    const auto codec = parse_load_codec(text);

    ASSERT_TRUE(codec.has_value());
    EXPECT_EQ(to_text(*codec), text);
  }
  EXPECT_EQ(parse_load_codec("raw:16KiB"),
            (LoadCodec{.wire = WireCodec::raw, .answer_bytes = 16384}));
}

TEST(LoadCodec, SaysWhatIsWrong) {
  struct Row {
    const char *text, *message;
  };
  for (const auto& row : {
           Row{"len23", "there is no codec \"len23\"; did you mean \"len32\"?"},
           Row{"", "there is no codec \"\""},
           Row{"rew:5", "there is no codec \"rew\"; did you mean \"raw\"?"},
           Row{"len32:5", "len32 takes no size, its frames say how long they are; write len32"},
           Row{"raw:", "is not a size"},
           Row{"raw:0", "raw:0 is out of range: answers have 1 B to 16 MiB"},
           Row{"raw:17MiB", "raw:17MiB is out of range"},
       }) {
    SCOPED_TRACE(row.text);

    const auto codec = parse_load_codec(row.text);

    ASSERT_FALSE(codec.has_value());
    EXPECT_THAT(codec.error().message, HasSubstr(row.message));
  }
}

TEST(LoadCodec, KnowsWhatItCanCarry) {
  EXPECT_EQ(payload_range({.wire = WireCodec::raw}), (ByteRange{1, payload_bytes_max}));
  EXPECT_EQ(payload_range({.wire = WireCodec::len16}), (ByteRange{0, 65535}));
  EXPECT_EQ(payload_range({.wire = WireCodec::varint}), (ByteRange{0, payload_bytes_max}));
}

}  // namespace
}  // namespace weir::tools::load
