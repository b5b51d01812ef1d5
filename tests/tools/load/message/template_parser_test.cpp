#include "tools/weir/load/message/template_parser.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;

/// A directory of three files.
Checked<std::string> read_fake(std::string_view path) {
  if (path == "words.txt") return "apple\nbanana\r\ncherry";
  if (path == "empty.txt") return "";
  return usage_error("cannot read \"" + std::string(path) + "\": No such file or directory");
}

std::string written(std::string_view pattern, TemplateFacts facts = {}) {
  const auto parsed = parse_payload_template(pattern, read_fake);
  if (!parsed) return "error: " + parsed.error().message;
  std::string text;
  parsed->write(facts, text);
  return text;
}

TEST(TemplateParser, LiteralTextIsItself) {
  EXPECT_EQ(written(""), "");
  EXPECT_EQ(written("hello: world"), "hello: world");
  EXPECT_EQ(written("a\r\n\x01"), "a\r\n\x01");
}

TEST(TemplateParser, DoubledBracesAreBraces) {
  EXPECT_EQ(written("{{}}"), "{}");
  EXPECT_EQ(written("{{seq}}"), "{seq}");
  EXPECT_EQ(written("{{{seq}}}", {.request = 7}), "{7}");
  EXPECT_EQ(written("{{\"id\": {seq}, \"c\": {conn}}}", {.connection = 3, .request = 7}),
            "{\"id\": 7, \"c\": 3}");
}

TEST(TemplateParser, KnowsEachName) {
  const TemplateFacts facts{
      .seed = 1, .connection = 3, .request = 7, .unix_time_ns = 1'700'000'000'000'000'001};

  EXPECT_EQ(written("{seq}/{conn}/{ts_ns}", facts), "7/3/1700000000000000001");
  EXPECT_EQ(written("{int:5-5}", facts), "5");
  EXPECT_THAT(written("{rand:16}", facts), ::testing::MatchesRegex("[0-9A-Za-z]{16}"));
  EXPECT_THAT(written("{hex:8}", facts), ::testing::MatchesRegex("[0-9a-f]{8}"));
  EXPECT_THAT(written("{pick:words.txt}", facts), ::testing::MatchesRegex("apple|banana|cherry"));
}

TEST(TemplateParser, SaysWhatIsWrongAndWhere) {
  struct Row {
    const char *pattern, *message;
  };
  for (const auto& row : {
           Row{"abc{seq", "\"{\" at position 4 is never closed; write \"{{\" for a brace"},
           Row{"{", "\"{\" at position 1 is never closed"},
           Row{"{se{conn}", "\"{\" at position 1 is never closed"},
           Row{"a}", "\"}\" at position 2 closes nothing; write \"}}\" for a brace"},
           Row{"{seq}}", "\"}\" at position 6 closes nothing"},
           Row{"{}", "{} at position 1: there is no \"\"; known are seq, conn"},
           Row{"ab{sek}", "{sek} at position 3: there is no \"sek\"; did you mean \"seq\"?"},
           Row{"{randm:5}", "there is no \"randm\"; did you mean \"rand\"?"},
           Row{"{ts}", "there is no \"ts\"; "},
           Row{"{seq:4}", "{seq:4} at position 1: {seq} takes no value"},
           Row{"{ts_ns:}", "{ts_ns} takes no value"},
           Row{"{rand}",
               "{rand} at position 1: say how many characters, from 1 to 1000000: "
               "{rand:16}"},
           Row{"{rand:0}", "say how many characters"},
           Row{"{rand:1000001}", "say how many characters"},
           Row{"{hex:-1}", "say how many characters, from 1 to 1000000: {hex:16}"},
           Row{"{hex: 8}", "say how many characters"},
           Row{"{int}", "say from where to where: {int:1-1000}"},
           Row{"{int:5}", "say from where to where"},
           Row{"{int:5-}", "say from where to where"},
           Row{"{int:1-99999999999999999999}", "say from where to where"},
           Row{"{int:9-1}", "{int:9-1} at position 1: the first number must be the smaller one"},
           Row{"{pick}", "say which file: {pick:words.txt}"},
           Row{"{pick:}", "say which file"},
           Row{"x{pick:none.txt}",
               "{pick:none.txt} at position 2: cannot read \"none.txt\": No such"},
           Row{"{pick:empty.txt}", "the file has no line"},
       }) {
    SCOPED_TRACE(row.pattern);

    const auto parsed = parse_payload_template(row.pattern, read_fake);

    ASSERT_FALSE(parsed.has_value());
    EXPECT_THAT(parsed.error().message, HasSubstr(row.message));
  }
}

TEST(TemplateParser, BoundsWhatARequestCosts) {
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "{seq}";
  std::string large;
  for (int i = 0; i < 17; ++i) large += "{rand:1000000}";

  EXPECT_THAT(written(many), HasSubstr("more than 1000 parts"));
  EXPECT_THAT(written(large), HasSubstr("(at most 16 MiB)"));
}

}  // namespace
}  // namespace weir::tools::load
