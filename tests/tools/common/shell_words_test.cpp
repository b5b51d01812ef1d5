#include "tools/weir/common/shell_words.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace weir::tools {
namespace {

TEST(ShellWord, IsInQuotesOnlyIfItHasTo) {
  EXPECT_EQ(shell_word("127.0.0.1:0"), "127.0.0.1:0");
  EXPECT_EQ(shell_word("--cell=200ms"), "--cell=200ms");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("c1$|a b"), "'c1$|a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
}

TEST(ShellCommand, JoinsItsWords) {
  const std::vector<std::string> words = {"weir", "bench", "--only", "^echo 64B", "-o", "my dir"};

  EXPECT_EQ(shell_command(words), "weir bench --only '^echo 64B' -o 'my dir'");
  EXPECT_EQ(shell_command({}), "");
}

}  // namespace
}  // namespace weir::tools
