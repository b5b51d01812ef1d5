#include "tools/weir/serve/upper_lines.h"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace weir::tools::serve {
namespace {

TEST(UpperLines, ChangesTheLettersOfAsciiAndNoOtherByte) {
  std::array<std::byte, 256> text{};
  for (std::size_t value = 0; value < text.size(); ++value) text[value] = std::byte(value);

  to_upper_ascii(text);

  for (std::size_t value = 0; value < text.size(); ++value) {
    const bool is_lower = value >= 'a' && value <= 'z';
    EXPECT_EQ(std::to_integer<std::size_t>(text[value]), is_lower ? value - 32 : value) << value;
  }
}

Chain chain(std::string_view text) { return Buffer::copy_of(std::as_bytes(std::span(text))); }

TEST(UpperLines, AnswersWholeLinesAndTheRestAtTheEndOfTheStream) {
  UpperLines lines(/*line_bytes_max=*/8);
  Chain inbox = chain("hello\nWorld\r\n\nrest");
  Chain answers;

  const UpperLines::Taken taken = lines.take_lines(inbox, answers);

  EXPECT_FALSE(taken.error);
  EXPECT_FALSE(taken.may_be_more);
  EXPECT_EQ(answers.to_string(), "HELLO\nWORLD\r\n\n");
  EXPECT_EQ(inbox.to_string(), "rest");
  EXPECT_TRUE(lines.take_rest(inbox, answers));
  EXPECT_EQ(answers.to_string(), "HELLO\nWORLD\r\n\nREST");
}

TEST(UpperLines, AnswersTheLinesBeforeOneThatIsTooLong) {
  UpperLines lines(/*line_bytes_max=*/8);
  Chain inbox = chain("12345678\n123456789\nok\n");
  Chain answers;

  const UpperLines::Taken taken = lines.take_lines(inbox, answers);

  EXPECT_EQ(taken.error, Error::frame_too_large);
  EXPECT_EQ(answers.to_string(), "12345678\n");
}

TEST(UpperLines, ATurnIsBounded) {
  UpperLines lines(/*line_bytes_max=*/8);
  Chain inbox = chain(std::string(5000, '\n'));
  Chain answers;
  int turns = 1;

  while (lines.take_lines(inbox, answers).may_be_more) ++turns;

  EXPECT_EQ(turns, 5);
  EXPECT_EQ(answers.size(), 5000U);
}

TEST(UpperLine, AnswersTheFirstLineWithoutTheSpaceAroundIt) {
  using enum UpperLine::StreamEnd;
  const auto first_of = [](std::string_view text, UpperLine::StreamEnd stream_end) {
    UpperLine line(/*line_bytes_max=*/16);
    Chain inbox = chain(text);
    Result<std::optional<Chain>> reply = line.take(inbox, stream_end);
    if (!reply) return reply.error().message();
    return *reply ? (*reply)->to_string() : std::string("none");
  };

  EXPECT_EQ(first_of(" \t a b\v\r\nc\n", not_seen), "A B");
  EXPECT_EQ(first_of("  \n", not_seen), "");
  EXPECT_EQ(first_of("half", not_seen), "none");
  EXPECT_EQ(first_of("half ", seen), "HALF");
  EXPECT_EQ(first_of("", seen), "none");
  EXPECT_EQ(first_of("12345678901234567\n", not_seen),
            make_error_code(Error::frame_too_large).message());
}

}  // namespace
}  // namespace weir::tools::serve
