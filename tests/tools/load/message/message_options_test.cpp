#include "tools/weir/load/message/message_options.h"

#include <string>
#include <string_view>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/load/message/template_parser.h"

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;

/// The flags as they would be written; empty: absent.
struct Flags {
  std::string_view codec = "raw", size = {}, pattern = {}, expect = {};
};

MessageOptions options_of(const Flags& flags) {
  MessageOptions options{.codec = parse_load_codec(flags.codec).value()};
  if (!flags.size.empty()) options.size = parse_size_model(flags.size).value();
  if (!flags.pattern.empty()) options.pattern = parse_payload_template(flags.pattern).value();
  if (!flags.expect.empty()) options.expectation = parse_expectation(flags.expect).value();
  return options;
}

MessageOptions with_file(Flags flags, std::string content) {
  MessageOptions options = options_of(flags);
  options.file_bytes = std::move(content);
  return options;
}

MessageOptions with_trace(const Flags& flags) {
  MessageOptions options = options_of(flags);
  options.trace_sizes = ByteRange{100, 200};
  return options;
}

TEST(MessageOptions, WhatGoesTogetherPasses) {
  for (const Flags& flags : {
           Flags{},
           Flags{.size = "1-16MiB"},
           Flags{.codec = "raw:64"},
           Flags{.codec = "raw:64", .expect = "echo"},
           Flags{.codec = "raw:5", .size = "9", .expect = "regex:^OK"},
           Flags{.codec = "raw:5", .expect = "bytes:5"},
           Flags{.expect = "bytes:5"},
           Flags{.expect = "none"},
           Flags{.codec = "len16", .size = "65535"},
           Flags{.codec = "len16", .size = "exp:1000", .expect = "bytes:0"},
           Flags{.codec = "line", .pattern = "PING {seq}", .expect = "regex:PONG"},
           Flags{.codec = "json-header", .size = "16MiB"},
           Flags{.codec = "raw:4", .pattern = "PING", .expect = "echo"},
       }) {
    const auto checked = check_message_options(options_of(flags));

    EXPECT_TRUE(checked.has_value()) << flags.codec << ": " << checked.error().message;
  }
  EXPECT_TRUE(check_message_options(with_file({.codec = "line"}, "a\r")).has_value());
  EXPECT_TRUE(check_message_options(with_file({.codec = "len32"}, "")).has_value());
  EXPECT_TRUE(check_message_options(with_trace({})).has_value());
}

TEST(MessageOptions, WhatDoesNotIsRefusedInASentence) {
  struct Row {
    MessageOptions options;
    const char* message;
  };
  for (const auto& row : {
           Row{with_file({.pattern = "a"}, "b"), "--payload and --payload-file both say"},
           Row{options_of({.size = "5", .pattern = "a"}),
               "--size is for generated requests: with "
               "--payload a request is as long"},
           Row{with_file({.size = "5"}, "b"), "with --payload-file a request is as long"},
           Row{with_trace({.pattern = "a"}),
               "the trace says how long each request is, and --payload"},
           Row{with_trace({.size = "5"}), "leave --size out"},
           Row{with_file({}, ""),
               "with --codec raw a request needs at least a byte, and "
               "--payload-file can be empty"},
           Row{options_of({.codec = "len16", .size = "1-65536"}),
               "requests of 1 to 65536 bytes do not fit --codec len16 (at most 65535)"},
           Row{with_file({.codec = "len16"}, std::string(70'000, 'x')),
               "requests of 70000 bytes do not fit"},
           Row{options_of({.codec = "line", .pattern = "a\n{seq}"}), "--payload must have none"},
           Row{with_file({.codec = "line"}, "abc\n"), "has one at byte 3"},
           Row{options_of({.codec = "raw:5", .size = "9", .expect = "echo"}),
               "answers of 5 bytes (--codec raw:5) are no echo of requests of 9 bytes"},
           Row{options_of({.codec = "raw:5", .size = "5-9", .expect = "echo"}),
               "no echo of requests of 5 to 9 bytes; use --codec raw, or --expect bytes:5"},
           Row{with_trace({.codec = "raw:5", .expect = "echo"}),
               "no echo of requests of 64 to 200 bytes"},
           Row{options_of({.codec = "raw:5", .expect = "bytes:6"}),
               "--codec raw:5 and --expect bytes:6 name two sizes of an answer"},
           Row{options_of({.expect = "bytes:0"}), "nobody sees an answer of 0 bytes"},
           Row{options_of({.codec = "len16", .expect = "bytes:70000"}),
               "answers of 70000 bytes do not fit --codec len16 (at most 65535)"},
           Row{options_of({.expect = "regex:a"}), "needs to know where an answer ends"},
           Row{options_of({.codec = "raw:65537", .expect = "regex:a"}),
               "takes answers of at most 65536 bytes, not 65537"},
           Row{options_of({.codec = "raw:5", .expect = "none"}),
               "--codec raw:5 is about answers, and with --expect none there are none"},
       }) {
    SCOPED_TRACE(row.message);

    const auto checked = check_message_options(row.options);

    ASSERT_FALSE(checked.has_value());
    EXPECT_THAT(checked.error().message, HasSubstr(row.message));
  }
}

TEST(MessageOptions, AnEchoIsExpectedUnlessSizesContradict) {
  const auto expected = [](const Flags& flags) { return effective_expectation(options_of(flags)); };

  EXPECT_TRUE(std::holds_alternative<ExpectEcho>(expected({})));
  EXPECT_TRUE(std::holds_alternative<ExpectEcho>(expected({.codec = "len32"})));
  EXPECT_TRUE(std::holds_alternative<ExpectEcho>(expected({.codec = "raw:64"})));
  EXPECT_EQ(std::get<ExpectBytes>(expected({.codec = "raw:63"})).count, 63U);
  EXPECT_EQ(std::get<ExpectBytes>(expected({.codec = "raw:64", .size = "1-64"})).count, 64U);
  EXPECT_TRUE(std::holds_alternative<ExpectNone>(expected({.expect = "none"})));
}

TEST(MessageOptions, RequestsAreAsLongAsWhatTheyAreMadeOf) {
  EXPECT_EQ(request_payload_range(options_of({})), (ByteRange{64, 64}));
  EXPECT_EQ(request_payload_range(options_of({.size = "3-5"})), (ByteRange{3, 5}));
  EXPECT_EQ(request_payload_range(options_of({.pattern = "ab{int:1-10}"})), (ByteRange{3, 4}));
  EXPECT_EQ(request_payload_range(with_file({}, "abc")), (ByteRange{3, 3}));
  EXPECT_EQ(request_payload_range(with_trace({})), (ByteRange{64, 200}));
}

}  // namespace
}  // namespace weir::tools::load
