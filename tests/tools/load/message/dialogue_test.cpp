// The dialogues that the flags choose, each with a server that answers right, cut at every place.
#include "tools/weir/load/message/dialogue.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "tests/tools/load/message/dialogue_script.h"
#include "tools/weir/load/message/template_parser.h"

namespace weir::tools::load {
namespace {

using test::ask;
using test::take_in_pieces;
using test::take_text;

constexpr std::string_view codecs[] = {"raw", "len16", "len32", "varint", "line", "json-header"};

/// Requests of each kind, with `codec`.
std::vector<MessageOptions> each_kind(std::string_view codec) {
  std::vector<MessageOptions> kinds(3);
  for (MessageOptions& options : kinds) options.codec = parse_load_codec(codec).value();
  kinds[0].size = SizeModel::uniform({.min = 1, .max = 40});
  kinds[1].pattern = parse_payload_template("get {seq} of {conn} {rand:5}\r").value();
  kinds[2].file_bytes = "always the same";
  return kinds;
}

TEST(Dialogue, AnEchoIsRightAtEverySplitPoint) {
  for (const std::string_view codec : codecs) {
    for (const MessageOptions& options : each_kind(codec)) {
      SCOPED_TRACE(codec);
      const auto dialogue = make_dialogue(options, 3, 1);
      const std::size_t wire_bytes = ask(*dialogue, 4).size();
      for (std::size_t first = 0; first <= wire_bytes; ++first) {
        dialogue->restart();
        const std::string wire = ask(*dialogue, 4);

        const auto before = take_text(*dialogue, wire.substr(0, first));
        const auto after = take_text(*dialogue, wire.substr(first));

        ASSERT_TRUE(before) << before.error();
        ASSERT_TRUE(after) << after.error();
        ASSERT_EQ(*before + *after, 4U) << "cut at " << first;
      }
    }
  }
}

TEST(Dialogue, AnEchoMayTrickleIn) {
  const test::HomePool pool;
  for (const std::string_view codec : codecs) {
    for (const MessageOptions& options : each_kind(codec)) {
      SCOPED_TRACE(codec);
      const auto dialogue = make_dialogue(options, 3, 1);
      const std::string wire = ask(*dialogue, 20);

      EXPECT_EQ(take_in_pieces(*dialogue, wire, 1), 20U);
    }
  }
}

TEST(Dialogue, MoreAnswersThanABatchHoldsAreAllTaken) {
  for (const std::string_view codec : codecs) {
    SCOPED_TRACE(codec);
    const MessageOptions options{.codec = parse_load_codec(codec).value()};
    const auto dialogue = make_dialogue(options, 3, 1);

    EXPECT_EQ(take_text(*dialogue, ask(*dialogue, 1000)), 1000U);
  }
}

TEST(Dialogue, LargeMessagesPass) {
  for (const std::string_view codec : codecs) {
    SCOPED_TRACE(codec);
    const std::size_t size = codec == "len16" ? 65'535 : payload_bytes_max;
    const MessageOptions options{.codec = parse_load_codec(codec).value(),
                                 .size = SizeModel::fixed(size)};
    ASSERT_TRUE(check_message_options(options).has_value());
    const auto dialogue = make_dialogue(options, 3, 1);
    const std::string wire = ask(*dialogue, 1);

    EXPECT_EQ(take_in_pieces(*dialogue, wire, 60'000), 1U);
  }
}

TEST(Dialogue, ARequestSaysHowLongItIsAndWhereToCutIt) {
  for (const std::string_view codec : codecs) {
    for (const MessageOptions& options : each_kind(codec)) {
      const auto dialogue = make_dialogue(options, 3, 1);
      for (std::uint64_t i = 0; i < 100; ++i) {
        Chain out;
        const std::size_t bytes = dialogue->append_request({.number = i}, out);

        ASSERT_EQ(bytes, out.size());
        ASSERT_LT(dialogue->cut_of_request(), bytes);
        ASSERT_EQ(dialogue->cut_of_request() == 0, bytes == 1);
      }
    }
  }
}

TEST(Dialogue, TheSameSeedSaysTheSame) {
  for (const std::string_view codec : codecs) {
    MessageOptions options{.codec = parse_load_codec(codec).value()};
    options.pattern = parse_payload_template("{rand:20}").value();

    EXPECT_EQ(ask(*make_dialogue(options, 3, 1), 5), ask(*make_dialogue(options, 3, 1), 5));
    EXPECT_NE(ask(*make_dialogue(options, 3, 1), 5), ask(*make_dialogue(options, 3, 2), 5));
    EXPECT_NE(ask(*make_dialogue(options, 3, 1), 5), ask(*make_dialogue(options, 4, 1), 5));
  }
}

TEST(Dialogue, OneWayExpectsNothingAndLooksAtNothing) {
  for (const std::string_view codec : codecs) {
    SCOPED_TRACE(codec);
    const MessageOptions options{.codec = parse_load_codec(codec).value(),
                                 .expectation = ExpectNone{}};
    const MessageOptions echo{.codec = options.codec};
    const auto dialogue = make_dialogue(options, 3, 1);

    EXPECT_EQ(ask(*dialogue, 3), ask(*make_dialogue(echo, 3, 1), 3));
    EXPECT_FALSE(dialogue->expects_answers());
    EXPECT_EQ(take_text(*dialogue, "whatever comes\n"), 0U);
    dialogue->restart();
    EXPECT_EQ(ask(*dialogue, 1, 3).size(), ask(*make_dialogue(echo, 3, 1), 1).size());
  }
}

TEST(Dialogue, RawAnswersOfASizeAreCounted) {
  const MessageOptions by_codec{.codec = parse_load_codec("raw:5").value()};
  const MessageOptions by_expectation{.expectation = ExpectBytes{5}};
  for (const MessageOptions& options : {by_codec, by_expectation}) {
    const auto dialogue = make_dialogue(options, 3, 1);
    (void)ask(*dialogue, 2);

    EXPECT_TRUE(dialogue->expects_answers());
    EXPECT_EQ(take_text(*dialogue, "1234567890"), 2U);
  }
}

TEST(Dialogue, RawAnswersOfTheSizeOfRequestsAreCompared) {
  const MessageOptions options{.codec = parse_load_codec("raw:64").value()};
  const auto dialogue = make_dialogue(options, 3, 1);
  (void)ask(*dialogue, 1);

  EXPECT_FALSE(take_text(*dialogue, std::string(64, 'x')).has_value());
}

TEST(Dialogue, PatternsAreFoundInRawAnswersOfASize) {
  const MessageOptions options{.codec = parse_load_codec("raw:4").value(),
                               .expectation = parse_expectation("regex:^OK").value()};
  const auto dialogue = make_dialogue(options, 3, 1);
  (void)ask(*dialogue, 3, 10);

  EXPECT_EQ(take_in_pieces(*dialogue, "OK 1OK 2", 3), 2U);
  const auto taken = take_text(*dialogue, "NOK3");

  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error(), "connection 3, request 12: expected a match of \"^OK\", found \"NOK3\"");
}

}  // namespace
}  // namespace weir::tools::load
