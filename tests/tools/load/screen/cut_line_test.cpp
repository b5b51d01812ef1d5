#include "tools/weir/load/screen/cut_line.h"

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

TEST(CutLine, KeepsWhatFits) {
  EXPECT_EQ(cut_line("four", 5), "four");
  EXPECT_EQ(cut_line("four", 4), "four");
  EXPECT_EQ(cut_line("four", 3), "fou");
  EXPECT_EQ(cut_line("four", 0), "");
  EXPECT_EQ(cut_line("", 3), "");
}

TEST(CutLine, CountsLettersNotBytes) {
  EXPECT_EQ(cut_line("▁▂▃ 61 µs", 6), "▁▂▃ 61");
  EXPECT_EQ(columns_taken("▁▂▃ 61 µs"), 9U);
}

TEST(CutLine, ColoursTakeNoColumnAndEnd) {
  EXPECT_EQ(cut_line("\x1b[31m12 errors\x1b[0m", 2), "\x1b[31m12\x1b[0m");
  EXPECT_EQ(columns_taken("\x1b[31m12 errors\x1b[0m"), 9U);
}

TEST(CutLine, WideLettersCountTwiceAndAreNotHalved) {
  EXPECT_EQ(cut_line("a時間b", 3), "a時");
  EXPECT_EQ(cut_line("a時間b", 4), "a時");
  EXPECT_EQ(columns_taken("a時間b"), 6U);
}

TEST(CutLine, NothingMovesTheCursor) {
  EXPECT_EQ(cut_line("a\nb\tc\rd\x7f", 80), "a?b?c?d?");
  EXPECT_EQ(cut_line("\x1b[2Jx", 80), "?[2Jx");
  EXPECT_EQ(cut_line("\xc2\x9bx", 80), "?x");
  EXPECT_EQ(cut_line("\x1b[31", 80), "?[31");
}

TEST(CutLine, BytesThatAreNoUtf8AreShownAsSuch) {
  EXPECT_EQ(cut_line("\xff\xc3-\xe2\x96", 80), "\?\?-\?\?");
}

}  // namespace
}  // namespace weir::tools::load
