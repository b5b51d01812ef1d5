#include "tools/weir/load/message/expectation.h"

#include <regex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;

bool finds(const std::string& pattern, const std::string& text) {
  const Expectation expected = parse_expectation("regex:" + pattern).value();
  return std::regex_match(text, std::get<ExpectRegex>(expected).pattern);
}

TEST(Expectation, IsReadFromText) {
  const auto echo = parse_expectation("echo");
  const auto none = parse_expectation("none");
  const auto bytes = parse_expectation("bytes:16k");
  const auto empty = parse_expectation("bytes:0");
  const auto regex = parse_expectation("regex:a:b");

  ASSERT_TRUE(echo && none && bytes && empty && regex);
  EXPECT_TRUE(std::holds_alternative<ExpectEcho>(*echo));
  EXPECT_TRUE(std::holds_alternative<ExpectNone>(*none));
  EXPECT_EQ(std::get<ExpectBytes>(*bytes).count, 16'000U);
  EXPECT_EQ(std::get<ExpectBytes>(*empty).count, 0U);
  EXPECT_EQ(std::get<ExpectRegex>(*regex).text, "a:b");
}

TEST(Expectation, SaysWhatIsWrong) {
  struct Row {
    std::string text, message;
  };
  for (const auto& row : {
           Row{"eco", "there is no expectation \"eco\"; did you mean \"echo\"?"},
           Row{"", "known are echo, bytes:N, regex:RE and none"},
           Row{"regexp:a", "did you mean \"regex:RE\"?"},
           Row{"echo:5", "echo takes no value"},
           Row{"none:", "none takes no value"},
           Row{"bytes", "is not a size"},
           Row{"bytes:x", "\"x\" is not a size"},
           Row{"bytes:17MiB", "bytes:17MiB is too many (at most 16 MiB)"},
           Row{"regex:", "regex: needs a pattern, such as regex:^OK"},
           Row{"regex:a(b", "\"a(b\" is not a regular expression: "},
           Row{"regex:a)(?:b", "\"a)(?:b\" is not a regular expression: "},
           Row{"regex:(a)\\1", "\"(a)\\1\" refers back to a group, which is not supported"},
           Row{"regex:" + std::string(1001, 'a'), "a pattern of 1001 bytes is too long"},
       }) {
    SCOPED_TRACE(row.text);

    const auto expectation = parse_expectation(row.text);

    ASSERT_FALSE(expectation.has_value());
    EXPECT_THAT(expectation.error().message, HasSubstr(row.message));
  }
}

TEST(Expectation, APatternIsFoundAnywhereUnlessItIsTied) {
  EXPECT_TRUE(finds("OK", "xx OK yy"));
  EXPECT_TRUE(finds("^OK", "OK 5"));
  EXPECT_FALSE(finds("^OK", "not OK"));
  EXPECT_TRUE(finds("OK$", "all OK"));
  EXPECT_FALSE(finds("OK$", "OK 5"));
  EXPECT_TRUE(finds("a|b", "xxbxx"));
  EXPECT_FALSE(finds("^a|b$", "xaxbx"));
  EXPECT_TRUE(finds("b", std::string("a\n\0b\n", 5)));
  EXPECT_FALSE(finds("b", ""));
  EXPECT_TRUE(finds("^$", ""));
}

// Each of these takes a search that steps back forever, or as many stack frames as there are bytes.
TEST(Expectation, NoAnswerMakesAPatternCostTooMuch) {
  const std::string answer(matched_bytes_max, 'a');

  EXPECT_FALSE(finds("(a+)+b", answer));
  EXPECT_FALSE(finds("(a|a)*b", answer));
  EXPECT_TRUE(finds("^(a*)*$", answer));
}

}  // namespace
}  // namespace weir::tools::load
