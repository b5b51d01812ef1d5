#include "tools/weir/load/message/raw_count.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/message/dialogue_script.h"

namespace weir::tools::load {
namespace {

using test::ask;
using test::take_in_pieces;
using test::take_text;

TEST(RawCount, CountsAnswersWhateverIsInThem) {
  const MessageOptions options{};
  for (std::size_t piece_bytes = 1; piece_bytes <= 25; ++piece_bytes) {
    RawCount dialogue(options, 3, 1, /*answer_bytes=*/5);
    (void)ask(dialogue, 5);

    EXPECT_EQ(take_in_pieces(dialogue, "any five and twenty bytes", piece_bytes), 5U);
  }
}

TEST(RawCount, MoreThanWasAskedForIsWrong) {
  const MessageOptions options{};
  RawCount dialogue(options, 3, 1, /*answer_bytes=*/5);
  (void)ask(dialogue, 2);

  EXPECT_EQ(take_text(dialogue, "12345678"), 1U);
  const auto taken = take_text(dialogue, "90abc");

  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error(),
            "connection 3: expected no answer, found 3 bytes: all requests have theirs");
}

TEST(RawCount, ARestartForgetsWhatWasBegun) {
  const MessageOptions options{};
  RawCount dialogue(options, 3, 1, /*answer_bytes=*/5);
  (void)ask(dialogue, 2);
  ASSERT_EQ(take_text(dialogue, "1234567"), 1U);

  dialogue.restart();
  (void)ask(dialogue, 1);

  EXPECT_EQ(take_text(dialogue, "12345"), 1U);
}

}  // namespace
}  // namespace weir::tools::load
