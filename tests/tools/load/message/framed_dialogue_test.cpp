#include "tools/weir/load/message/framed_dialogue.h"

#include <algorithm>
#include <memory>
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
using namespace std::string_literals;

MessageOptions options_for(std::string_view codec, std::string_view pattern,
                           std::string_view expect = "echo") {
  MessageOptions options{.codec = parse_load_codec(codec).value(),
                         .expectation = parse_expectation(expect).value()};
  options.pattern = parse_payload_template(pattern).value();
  return options;
}

/// What is wrong with `answer` to request 17 of connection 3.
std::string fault_of(const MessageOptions& options, std::string_view answer) {
  const auto dialogue = make_framed_dialogue(options, /*connection=*/3, /*seed=*/1);
  (void)ask(*dialogue, 1, /*first=*/17);
  const auto taken = take_text(*dialogue, answer);
  return taken ? "answers: " + std::to_string(*taken) : taken.error();
}

TEST(FramedDialogue, RequestsStandInFrames) {
  struct Row {
    const char* codec;
    std::string wire;
  };
  for (const auto& row : {
           Row{"len16", "\0\4PING"s},
           Row{"len32", "\0\0\0\4PING"s},
           Row{"varint", "\4PING"s},
           Row{"line", "PING\n"s},
           Row{"json-header", "\x10\0\0\0{\"data_size\": 4}PING"s},
       }) {
    SCOPED_TRACE(row.codec);
    const MessageOptions options = options_for(row.codec, "PING");

    EXPECT_EQ(ask(*make_framed_dialogue(options, 3, 1), 1), row.wire);
    EXPECT_EQ(fault_of(options, row.wire), "answers: 1");
  }
}

TEST(FramedDialogue, AWrongEchoIsASentence) {
  struct Row {
    std::string answer;
    const char* fault;
  };
  const MessageOptions options = options_for("len16", "PING");
  for (const auto& row : {
           Row{"\0\4PONG"s, "connection 3, request 17, byte 1: expected 0x49, found 0x4f"},
           Row{"\0\3PIN"s, "connection 3, request 17: expected an answer of 4 bytes, found 3"},
           Row{"\0\5PINGS"s, "connection 3, request 17: expected an answer of 4 bytes, found 5"},
           Row{"\0\0"s, "connection 3, request 17: expected an answer of 4 bytes, found 0"},
           Row{"\0\7xINGING"s, "connection 3, request 17, byte 0: expected 0x50, found 0x78"},
           Row{"\0\4PING\0\2ab"s,
               "connection 3: expected no answer, found 2 bytes: all requests have theirs"},
           Row{"\0\4PING\0"s,
               "connection 3: expected no answer, found 1 bytes: all requests have theirs"},
       }) {
    SCOPED_TRACE(row.fault);

    EXPECT_EQ(fault_of(options, row.answer), row.fault);
  }
}

TEST(FramedDialogue, ABrokenFrameIsASentenceThatNamesTheReason) {
  struct Row {
    const char* codec;
    std::string answer, fault;
  };
  for (const auto& row : {
           Row{"len32", "\xff\xff\xff\xff"s, "rame is larger"},
           Row{"varint", "\xff\xff\xff\xff\xff\xff"s, "more bits than"},
           Row{"varint", "\x80\x00"s, "more bytes than it needs"},
           Row{"line", std::string(payload_bytes_max + 2, 'x'), "rame is larger"},
           Row{"json-header", "\xff\xff\xff\xff"s, "size of the header"},
           Row{"json-header", "\2\0\0\0[]"s, "eader"},
       }) {
    SCOPED_TRACE(row.codec + (": " + row.fault));

    const std::string fault = fault_of(options_for(row.codec, "PING"), row.answer);

    EXPECT_THAT(fault, ::testing::StartsWith(
                           "connection 3: the answers are not in frames: at byte 0 of the stream"));
    EXPECT_THAT(fault, ::testing::HasSubstr(row.fault));
  }
}

TEST(FramedDialogue, SizesAreComparedWhateverIsInAnAnswer) {
  const MessageOptions options = options_for("line", "PING", "bytes:2");

  EXPECT_EQ(fault_of(options, "OK\n"), "answers: 1");
  EXPECT_EQ(fault_of(options, "OK\r\n"), "answers: 1");
  EXPECT_EQ(fault_of(options, "NOK\n"),
            "connection 3, request 17: expected an answer of 2 bytes, found 3");
}

TEST(FramedDialogue, PatternsAreFound) {
  const MessageOptions options = options_for("line", "PING", "regex:^P[AO]NG$");

  EXPECT_EQ(fault_of(options, "PONG\n"), "answers: 1");
  EXPECT_EQ(fault_of(options, "PANG\r\n"), "answers: 1");
  EXPECT_EQ(fault_of(options, "PING\x01\\\n"),
            "connection 3, request 17: expected a match of \"^P[AO]NG$\", found "
            "\"PING\\x01\\x5c\"");
  EXPECT_THAT(fault_of(options, std::string(100, 'x') + "\n"),
              ::testing::EndsWith("found \"" + std::string(60, 'x') + "...\""));
}

TEST(FramedDialogue, PatternsAreFoundInAnswersThatCameInPieces) {
  for (const std::string_view codec : {"len16", "varint", "json-header"}) {
    SCOPED_TRACE(codec);
    const MessageOptions options = options_for(codec, "{rand:30}-{seq}", "regex:^.{30}-[0-9]+$");
    const auto dialogue = make_framed_dialogue(options, 3, 1);
    const std::string wire = ask(*dialogue, 12);

    EXPECT_EQ(take_in_pieces(*dialogue, wire, 5), 12U);
  }
}

TEST(FramedDialogue, AnswersForAPatternAreBounded) {
  const MessageOptions options = options_for("len32", "PING", "regex:x");

  EXPECT_EQ(fault_of(options, "\0\1\0\0"s + std::string(65'536, 'x')), "answers: 1");
  EXPECT_THAT(fault_of(options, "\0\1\0\1"s), ::testing::HasSubstr("rame is larger"));
}

TEST(FramedDialogue, TheHeaderOfAJsonEchoIsTheServers) {
  const MessageOptions options = options_for("json-header", "PING");

  EXPECT_EQ(fault_of(options, "\x17\0\0\0{\"x\": 1,\"data_size\": 4}PING"s), "answers: 1");
}

TEST(FramedDialogue, ARestartForgetsWhatWasBegun) {
  for (const std::string_view codec : {"len16", "len32", "varint", "line", "json-header"}) {
    SCOPED_TRACE(codec);
    const MessageOptions options = options_for(codec, "a payload {seq}");
    const auto dialogue = make_framed_dialogue(options, 3, 1);
    const std::string before = ask(*dialogue, 2, 0);
    ASSERT_EQ(take_text(*dialogue, before.substr(0, before.size() - 3)), 1U);

    dialogue->restart();

    EXPECT_EQ(take_text(*dialogue, ask(*dialogue, 2, 2)), 2U);
  }
}

TEST(FramedDialogue, ARestartEndsAnError) {
  const MessageOptions options = options_for("varint", "PING");
  const auto dialogue = make_framed_dialogue(options, 3, 1);
  (void)ask(*dialogue, 1);
  ASSERT_FALSE(take_text(*dialogue, "\x80\x00"s).has_value());
  ASSERT_FALSE(take_text(*dialogue, "\4PING"s).has_value());

  dialogue->restart();

  EXPECT_EQ(take_text(*dialogue, ask(*dialogue, 1)), 1U);
}

// Each connection holds two bytes of its own receive slab: without the pool's help nothing would
// be left to receive into.
TEST(FramedDialogue, AnAnswerBegunPinsNoSlab) {
  test::HomePool pool(/*slabs=*/16);
  const MessageOptions options = options_for("len32", "PING");
  std::vector<std::unique_ptr<Dialogue>> dialogues;
  for (std::uint32_t i = 0; i < 15; ++i) {
    dialogues.push_back(make_framed_dialogue(options, i, 1));
    Chain out;
    pool->clear_current();  // requests lie on the heap
    (void)dialogues.back()->append_request({.number = 0}, out);
    pool->make_current();
    Buffer slab = pool.slab();
    std::ranges::copy(as_bytes("\0\0"s), slab.writable().begin());
    Chain received(slab.slice(0, 2));
    slab = Buffer();
    ASSERT_EQ(dialogues.back()->take(received), 0U);
  }
  ASSERT_FALSE(pool->can_acquire());

  EXPECT_GE(pool->compact(), 10U);

  for (const auto& dialogue : dialogues) EXPECT_EQ(take_text(*dialogue, "\0\4PING"s), 1U);
}

}  // namespace
}  // namespace weir::tools::load
