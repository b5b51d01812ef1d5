#include "tools/weir/load/message/raw_echo.h"

#include <cstdio>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/message/dialogue_script.h"

namespace weir::tools::load {
namespace {

using test::ask;
using test::take_in_pieces;
using test::take_text;

TEST(RawEcho, AnswersAreComparedAtEverySplitPoint) {
  const MessageOptions options{.size = SizeModel::uniform({.min = 1, .max = 30})};
  RawEcho reference(options, 3, 1);
  const std::string wire = ask(reference, 6);
  for (std::size_t first = 0; first <= wire.size(); ++first) {
    RawEcho dialogue(options, 3, 1);
    (void)ask(dialogue, 6);

    const auto before = take_text(dialogue, wire.substr(0, first));
    const auto after = take_text(dialogue, wire.substr(first));

    ASSERT_TRUE(before && after);
    ASSERT_EQ(*before + *after, 6U);
  }
}

TEST(RawEcho, AnswersMayTrickleIn) {
  const MessageOptions options{.size = SizeModel::exponential(20)};
  RawEcho dialogue(options, 3, 1);
  const std::string wire = ask(dialogue, 50);

  EXPECT_EQ(take_in_pieces(dialogue, wire, 1), 50U);
}

TEST(RawEcho, RequestsMayFollowWhileAnAnswerIsHalfThere) {
  const MessageOptions options{.size = SizeModel::fixed(10)};
  RawEcho dialogue(options, 3, 1);
  std::string wire = ask(dialogue, 2, 0);

  EXPECT_EQ(take_text(dialogue, wire.substr(0, 15)), 1U);
  wire += ask(dialogue, 3, 2);
  EXPECT_EQ(take_text(dialogue, wire.substr(15)), 4U);
}

TEST(RawEcho, NumbersNeedNotFollowEachOther) {
  const MessageOptions options{};
  RawEcho dialogue(options, 3, 1);
  std::string wire;
  for (const std::uint64_t number : {1000UL, 7UL, 1UL << 40}) wire += ask(dialogue, 1, number);

  EXPECT_EQ(take_text(dialogue, wire), 3U);
}

TEST(RawEcho, NoWrongByteGoesUnnoticed) {
  const MessageOptions options{.size = SizeModel::fixed(20)};
  for (std::size_t at = 0; at < 60; ++at) {
    RawEcho dialogue(options, /*connection=*/3, 1);
    std::string wire = ask(dialogue, 3, /*first=*/17);
    const auto right = static_cast<unsigned char>(wire[at]);
    wire[at] = static_cast<char>(~wire[at]);

    const auto taken = take_in_pieces(dialogue, wire, 7);

    char expected[100];
    (void)std::snprintf(expected, sizeof expected,
                        "connection 3, request %zu, byte %zu: expected 0x%02x, found 0x%02x",
                        17 + at / 20, at % 20, right, right ^ 0xffU);
    ASSERT_FALSE(taken.has_value());
    ASSERT_EQ(taken.error(), expected);
  }
}

TEST(RawEcho, MoreThanWasAskedForIsWrong) {
  const MessageOptions options{.size = SizeModel::fixed(20)};
  RawEcho dialogue(options, 3, 1);
  const std::string wire = ask(dialogue, 1);

  const auto taken = take_text(dialogue, wire + "abc");

  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error(),
            "connection 3: expected no answer, found 3 bytes: all requests have theirs");
}

TEST(RawEcho, ARestartForgetsWhatWasBegun) {
  const MessageOptions options{.size = SizeModel::fixed(20)};
  RawEcho dialogue(options, 3, 1);
  const std::string before = ask(dialogue, 3, 0);
  ASSERT_EQ(take_text(dialogue, before.substr(0, 25)), 1U);

  dialogue.restart();
  const std::string after = ask(dialogue, 2, 3);

  EXPECT_EQ(take_text(dialogue, after), 2U);
}

TEST(RawEcho, ARestartEndsAnError) {
  const MessageOptions options{.size = SizeModel::fixed(20)};
  RawEcho dialogue(options, 3, 1);
  (void)ask(dialogue, 1);
  ASSERT_FALSE(take_text(dialogue, "wrong").has_value());

  dialogue.restart();

  EXPECT_EQ(take_text(dialogue, ask(dialogue, 1, 1)), 1U);
}

}  // namespace
}  // namespace weir::tools::load
