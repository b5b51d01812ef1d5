#include "tools/weir/exec/quoted_text.h"

#include <string>

#include <gtest/gtest.h>

namespace weir::tools::exec {
namespace {

TEST(QuotedText, IsTheTextInQuotes) {
  EXPECT_EQ(quoted_text(""), R"("")");
  EXPECT_EQ(quoted_text("ls -l"), R"("ls -l")");
}

TEST(QuotedText, HoldsNothingThatATerminalWouldObey) {
  EXPECT_EQ(quoted_text("\x1b[2J\n\x7f\xc2\x9b"), R"("\x1b[2J\x0a\x7f\xc2\x9b")");
}

TEST(QuotedText, CannotBeLeftByWhatIsQuoted) { EXPECT_EQ(quoted_text(R"(a"b\)"), R"("a\"b\\")"); }

TEST(QuotedText, SaysThatItIsCut) {
  EXPECT_EQ(quoted_text(std::string(256, 'x')), '"' + std::string(256, 'x') + '"');
  EXPECT_EQ(quoted_text(std::string(257, 'x')), '"' + std::string(256, 'x') + "\"...");
}

}  // namespace
}  // namespace weir::tools::exec
