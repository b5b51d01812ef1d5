#include "tools/weir/common/wrap_text.h"

#include <gtest/gtest.h>

namespace weir::tools {
namespace {

TEST(WrapText, BreaksBeforeTheWordThatDoesNotFit) {
  EXPECT_EQ(wrap_text("", {}), "");
  EXPECT_EQ(wrap_text("one two", {.columns = 7}), "one two");
  EXPECT_EQ(wrap_text("one two", {.columns = 6}), "one\ntwo");
  EXPECT_EQ(wrap_text("one two three", {.start = 2, .indent = 2, .columns = 9}),
            "one two\n  three");
}

TEST(WrapText, LeavesALongWordWhole) {
  EXPECT_EQ(wrap_text("a incomprehensible b", {.indent = 1, .columns = 8}),
            "a\n incomprehensible\n b");
}

TEST(WrapText, CountsLettersNotBytes) {
  EXPECT_EQ(wrap_text("µµµ µµµ", {.columns = 7}), "µµµ µµµ");
}

}  // namespace
}  // namespace weir::tools
