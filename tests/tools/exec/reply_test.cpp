#include "tools/weir/exec/reply.h"

#include <cerrno>
#include <span>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::exec {
namespace {

using protocols::JsonFrame;
using protocols::JsonHeader;

Chain chain(std::string_view text) { return Buffer::copy_of(std::as_bytes(std::span(text))); }

CommandResult result_of(ChildEnd end, std::string_view output, std::string_view errors) {
  CommandResult result;
  result.end = end;
  result.output = chain(output);
  result.errors = chain(errors);
  return result;
}

std::string wire_of(JsonFrame frame) {
  Chain wire;
  const JsonHeader codec({.header_bytes_max = 4096, .payload_bytes_max = 4096});
  EXPECT_TRUE(codec.encode(std::move(frame), wire));
  return wire.to_string();
}

TEST(Reply, APlainSuccessIsWhatTheTutorialAnswers) {
  using namespace std::string_literals;

  EXPECT_EQ(wire_of(make_reply(result_of({}, "hello\n", ""))),
            "\x10\0\0\0{\"data_size\": 6}hello\n"s);
  EXPECT_EQ(wire_of(make_reply(result_of({}, "", ""))), "\x10\0\0\0{\"data_size\": 0}"s);
}

TEST(Reply, WhatIsOutOfTheOrdinaryIsInTheHeader) {
  CommandResult cut = result_of({.signal_number = 9}, "abc", "");
  cut.truncated = true;
  CommandResult late = result_of({.signal_number = 9}, "", "");
  late.timed_out = true;
  CommandResult lost = result_of({.signal_number = 9}, "", "");
  lost.failure = from_errno(ENOMEM);

  EXPECT_EQ(make_reply(result_of({.exit_status = 3}, "", "")).header,
            R"({"data_size": 0, "exit_status": 3})");
  EXPECT_EQ(make_reply(result_of({.exit_status = 0}, "out", "err!")).header,
            R"({"data_size": 7, "exit_status": 0, "stderr_size": 4})");
  EXPECT_EQ(make_reply(result_of({.signal_number = 11}, "x", "")).header,
            R"({"data_size": 1, "signal": 11})");
  EXPECT_EQ(make_reply(std::move(cut)).header,
            R"({"data_size": 3, "signal": 9, "truncated": true})");
  EXPECT_EQ(make_reply(std::move(late)).header,
            R"({"data_size": 0, "signal": 9, "timed_out": true})");
  EXPECT_EQ(make_reply(std::move(lost)).header,
            R"({"data_size": 0, "signal": 9, "server_error": "Cannot allocate memory"})");
}

TEST(Reply, AServersOwnFailureIsNeverAPlainSuccess) {
  CommandResult lost = result_of({}, "half", "");
  lost.failure = from_errno(EIO);

  const JsonFrame reply = make_reply(std::move(lost));

  const auto header = read_reply_header(reply.header, reply.payload.size());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->server_error, "Input/output error");
  EXPECT_EQ(to_exit_code(*header), 125);
}

TEST(Reply, ARefusalIsTextOnStderr) {
  const JsonFrame refusal = make_refusal(Refusal::busy, "try later");

  EXPECT_EQ(refusal.header, R"({"data_size": 10, "refused": "busy", "stderr_size": 10})");
  EXPECT_EQ(refusal.payload.to_string(), "try later\n");
}

TEST(Reply, EveryReplyPassesTheCodecAndIsReadBack) {
  CommandResult result = result_of({.signal_number = 9}, "output", "errors!");
  result.timed_out = true;
  result.truncated = true;
  Chain wire = chain(wire_of(make_reply(std::move(result))));
  JsonHeader codec({.header_bytes_max = 4096, .payload_bytes_max = 4096});

  const auto frame = codec.decode(wire);

  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->payload.to_string(), "outputerrors!");
  const auto header = read_reply_header((*frame)->header, (*frame)->payload.size());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->signal_number, 9);
  EXPECT_EQ(header->error_bytes, 7U);
  EXPECT_TRUE(header->timed_out);
  EXPECT_TRUE(header->truncated);
  EXPECT_EQ(header->refusal, "");
}

TEST(Reply, OtherMembersAreSkippedAndAbsentOnesHaveTheirDefault) {
  const auto header = read_reply_header(R"({"data_size": 5, "host": {"name": []}})", 5);

  ASSERT_TRUE(header);
  EXPECT_EQ(header->exit_status, 0);
  EXPECT_EQ(header->error_bytes, 0U);
  EXPECT_EQ(to_exit_code(*header), 0);
}

TEST(Reply, AHeaderThatMakesNoSenseIsRefused) {
  for (const char* member :
       {R"("exit_status": 256)", R"("exit_status": -1)", R"("exit_status": "1")", R"("signal": 65)",
        R"("signal": 1.5)", R"("stderr_size": 6)", R"("stderr_size": null)", R"("timed_out": 1)",
        R"("truncated": "true")", R"("refused": true)", R"("server_error": 5)"}) {
    const std::string header = std::string(R"({"data_size": 5, )") + member + "}";

    EXPECT_FALSE(read_reply_header(header, 5)) << header;
  }
  EXPECT_FALSE(read_reply_header("[]", 5));
  EXPECT_FALSE(read_reply_header("{", 5));
}

TEST(Reply, ExitCodesAreThoseOfAShell) {
  ReplyHeader header;
  EXPECT_EQ(to_exit_code(header), 0);
  header.exit_status = 42;
  EXPECT_EQ(to_exit_code(header), 42);
  header.signal_number = 15;
  EXPECT_EQ(to_exit_code(header), 143);
  header.truncated = true;
  EXPECT_EQ(to_exit_code(header), 137);
  header.timed_out = true;
  EXPECT_EQ(to_exit_code(header), 124);
  header.refusal = to_text(Refusal::busy);
  EXPECT_EQ(to_exit_code(header), 125);
  header.refusal = to_text(Refusal::not_started);
  EXPECT_EQ(to_exit_code(header), 126);
  header.refusal = to_text(Refusal::not_allowed);
  EXPECT_EQ(to_exit_code(header), 127);
  header.refusal = "something new";
  EXPECT_EQ(to_exit_code(header), 125);
}

}  // namespace
}  // namespace weir::tools::exec
