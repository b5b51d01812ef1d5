#include "tools/weir/exec/command_words.h"

#include <poll.h>
#include <unistd.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"
#include "tools/weir/exec/child_process.h"

namespace weir::tools::exec {
namespace {

using ::testing::HasSubstr;
using Words = std::vector<std::string>;

TEST(CommandWords, AreCutWhereAShellWouldCut) {
  struct Vector {
    const char* text;
    Words words;
  };
  const std::vector<Vector> vectors = {
      {"", {}},
      {"  \t ", {}},
      {"date", {"date"}},
      {"  ls\t-l  /tmp ", {"ls", "-l", "/tmp"}},
      {"printf '%s' abc", {"printf", "%s", "abc"}},
      {"echo 'a  b' \"c  d\"", {"echo", "a  b", "c  d"}},
      {"echo 'a'b\"c\"\\d", {"echo", "abcd"}},
      {"echo '' \"\"", {"echo", "", ""}},
      {"echo a\\ b \\' \\\\ \\|", {"echo", "a b", "'", "\\", "|"}},
      {R"(echo "\"\\\$\`" "\a")", {"echo", "\"\\$`", "\\a"}},
      {R"(echo '\' "'")", {"echo", "\\", "'"}},
      {"echo '|&;<>()$`*?[{#~!'", {"echo", "|&;<>()$`*?[{#~!"}},
      {"echo \"|&;<>()*?[{#~!\"", {"echo", "|&;<>()*?[{#~!"}},
      {"find . ! -name a#b ]}", {"find", ".", "!", "-name", "a#b", "]}"}},
      {"echo \xC3\xA9 \xE2\x82\xAC", {"echo", "\xC3\xA9", "\xE2\x82\xAC"}},
  };
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.text);

    const auto words = split_command(vector.text);

    ASSERT_TRUE(words) << words.error().message;
    EXPECT_EQ(*words, vector.words);
  }
}

TEST(CommandWords, WhatOnlyAShellCouldDoIsRefused) {
  for (const char* text :
       {"ls | wc", "a && b", "a;b", "cat <f", "echo >f", "(a)", "echo $HOME", "echo `a`",
        "echo \"$HOME\"", "echo \"`a`\"", "ls *.txt", "ls ?", "ls [ab]", "echo {a,b}", "# note",
        "ls ~", "ls a~", "PATH=~ ls", "a\\ b|c"}) {
    SCOPED_TRACE(text);

    const auto words = split_command(text);

    ASSERT_FALSE(words);
    EXPECT_THAT(words.error().message, HasSubstr("there is no shell here"));
  }
}

/// What a shell makes of `text` as words, each between angle brackets.
std::string ask_shell(const char* shell, const std::string& text) {
  const std::string script = "for word in " + text + "; do printf '<%s>' \"$word\"; done";
  Result<ChildProcess> child = ChildProcess::start(shell, {shell, "-c", script});
  EXPECT_TRUE(child);
  std::string words;
  for (char character = 0;;) {
    pollfd readable{.fd = child->output_fd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&readable, 1, 60'000), 1);
    if (::read(child->output_fd(), &character, 1) != 1) break;
    words += character;
  }
  EXPECT_EQ(child->reap(), ChildEnd{}) << text;
  return words;
}

TEST(CommandWords, WhatIsAcceptedMeansTheSameToAShell) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  constexpr std::string_view alphabet = "ab=: \t'\"\\|&;<>()$`*?[]{}~!#%^,-";
  int accepted = 0;
  for (int tries = 0; accepted < 150 && tries < 100'000; ++tries) {
    std::string text;
    const std::size_t length = 1 + random() % 12;
    while (text.size() < length) text += alphabet[random() % alphabet.size()];
    const auto words = split_command(text);
    if (!words) continue;
    ++accepted;
    std::string expected;
    for (const std::string& word : *words) expected += "<" + word + ">";

    EXPECT_EQ(ask_shell("/bin/sh", text), expected) << text;
    EXPECT_EQ(ask_shell("/bin/bash", text), expected) << text;
  }
  EXPECT_EQ(accepted, 150);
}

TEST(CommandWords, WhatHasNoEndIsRefused) {
  EXPECT_EQ(split_command("echo 'a").error().message, "a ' is not closed");
  EXPECT_EQ(split_command("echo \"a").error().message, "a \" is not closed");
  EXPECT_EQ(split_command("echo \"a\\\"").error().message, "a \" is not closed");
  EXPECT_EQ(split_command("echo a\\").error().message, "nothing follows the last backslash");
}

TEST(CommandWords, BytesThatAreNoTextAreRefused) {
  using namespace std::string_literals;
  EXPECT_EQ(split_command("echo \0"s).error().message,
            "the command holds the control character 0x00");
  EXPECT_EQ(split_command("echo '\x1b[2J'").error().message,
            "the command holds the control character 0x1b");
  EXPECT_EQ(split_command("echo \x7F").error().message,
            "the command holds the control character 0x7f");
  EXPECT_EQ(split_command("echo \xFF").error().message, "the command is not valid UTF-8");
  EXPECT_EQ(split_command("echo \xC3").error().message, "the command is not valid UTF-8");
}

TEST(CommandWords, WhatIsQuotedIsReadBackAsItWas) {
  const std::vector<Words> commands = {{"ls", "-l", "/tmp"},  {"echo", ""},
                                       {"echo", "a b", "\t"}, {"echo", "it's", "'", "''"},
                                       {"a", "\"", "\\"},     {"echo", "$HOME", "*"},
                                       {"#", "~", "!"},       {"echo", "\xC3\xA9"}};
  for (const Words& words : commands) {
    const std::string text = join_command(words);

    const auto read = split_command(text);

    ASSERT_TRUE(read) << text << ": " << read.error().message;
    EXPECT_EQ(*read, words) << text;
  }
}

TEST(CommandWords, PlainWordsAreLeftUnquoted) {
  EXPECT_EQ(join_command({"ls", "-l", "--color=auto", "/tmp/a_b.c"}),
            "ls -l --color=auto /tmp/a_b.c");
  EXPECT_EQ(join_command({"echo", "a b", "it's"}), R"(echo 'a b' 'it'\''s')");
}

}  // namespace
}  // namespace weir::tools::exec
