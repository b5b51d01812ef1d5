#include "tools/weir/common/text_style.h"

#include <gtest/gtest.h>

namespace weir::tools {
namespace {

TEST(TextStyle, ColoursOnlyOnATerminalThatWantsThem) {
  const TextEnvironment terminal{
      .is_terminal = true, .no_color = "", .term = "xterm", .locale = ""};
  TextEnvironment file = terminal;
  file.is_terminal = false;
  TextEnvironment forbidden = terminal;
  forbidden.no_color = "1";
  TextEnvironment dumb = terminal;
  dumb.term = "dumb";
  TextEnvironment unknown = terminal;
  unknown.term = "";

  EXPECT_TRUE(choose_text_style(terminal).color);
  for (const auto& plain : {file, forbidden, dumb, unknown}) {
    EXPECT_FALSE(choose_text_style(plain).color);
  }
}

TEST(TextStyle, UsesUtf8WhereTheLocaleIs) {
  for (const char* locale : {"C.UTF-8", "C.utf8", "de_DE.UTF-8", "de_DE.utf8@euro"}) {
    EXPECT_TRUE(choose_text_style({.locale = locale}).utf8) << locale;
  }
  for (const char* locale : {"", "C", "POSIX", "de_DE.ISO-8859-1"}) {
    EXPECT_FALSE(choose_text_style({.locale = locale}).utf8) << locale;
  }
}

TEST(TextStyle, EmphasisIsReset) {
  EXPECT_EQ(emphasize("x", Emphasis::bad, {.color = true}), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(emphasize("x", Emphasis::bad, {}), "x");
}

}  // namespace
}  // namespace weir::tools
