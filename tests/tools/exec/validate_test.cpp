#include "tools/weir/exec/validate.h"

#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/common/command_line.h"

namespace weir::tools::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using namespace std::chrono_literals;

struct Parsed {
  RawFlags flags;
  std::optional<CommandLineStop> stop;
};

Parsed parse(std::vector<std::string> arguments) {
  const auto program = make_program({"weir", "", "", ""}, "");
  Parsed parsed;
  add_flags(*program, parsed.flags);
  add_command(*program, {"load", "", "", ""});
  arguments.insert(arguments.begin(), "exec");
  parsed.stop = parse_command_line(*program, arguments);
  return parsed;
}

RawFlags asking(std::vector<std::string> command) {
  RawFlags flags;
  flags.server = "127.0.0.1:9000";
  flags.command = std::move(command);
  return flags;
}

TEST(ExecParse, TheCommandHasFlagsOfItsOwn) {
  const Parsed parsed =
      parse({"--timeout", "5s", ":9000", "ls", "-l", "--help", "--timeout", "load", "exec", ""});

  ASSERT_FALSE(parsed.stop) << parsed.stop->text;
  EXPECT_THAT(parsed.flags.server, Optional(std::string(":9000")));
  EXPECT_THAT(parsed.flags.timeout, Optional(std::string("5s")));
  EXPECT_THAT(parsed.flags.command,
              ElementsAre("ls", "-l", "--help", "--timeout", "load", "exec", ""));
}

TEST(ExecParse, FlagsMayStandBetweenTheServerAndTheCommand) {
  const Parsed parsed = parse({":9000", "--output-limit", "1k", "date"});

  ASSERT_FALSE(parsed.stop) << parsed.stop->text;
  EXPECT_THAT(parsed.flags.output_limit, Optional(std::string("1k")));
  EXPECT_THAT(parsed.flags.command, ElementsAre("date"));
}

TEST(ExecParse, AnUnknownFlagInFrontOfTheCommandIsRefused) {
  const Parsed parsed = parse({"--tiemout", "5s", ":9000", "date"});

  ASSERT_TRUE(parsed.stop);
  EXPECT_EQ(parsed.stop->exit_code, ExitCode::bad_usage);
  EXPECT_THAT(parsed.stop->text, HasSubstr("did you mean \"--timeout\""));
}

TEST(ExecParse, HelpHasExamplesAndFitsATerminal) {
  const Parsed parsed = parse({"--help"});

  ASSERT_TRUE(parsed.stop);
  EXPECT_THAT(parsed.stop->text, HasSubstr("weir exec 127.0.0.1:9000 date\n"));
  std::istringstream lines(parsed.stop->text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(ExecValidate, WordsAreQuotedAndACommandLineIsNot) {
  const auto words = validate(asking({"echo", "a  b", "$x"}));
  const auto line = validate(asking({"echo 'a  b'"}));

  ASSERT_TRUE(words && line);
  EXPECT_EQ(words->command, "echo 'a  b' '$x'");
  EXPECT_EQ(line->command, "echo 'a  b'");
  EXPECT_EQ(words->server, Address::loopback(9000));
  EXPECT_EQ(words->timeout, 30s);
}

TEST(ExecValidate, SaysWhatIsWrong) {
  RawFlags nowhere = asking({"date"});
  nowhere.server.reset();
  RawFlags port_0 = asking({"date"});
  port_0.server = ":0";
  RawFlags no_unit = asking({"date"});
  no_unit.timeout = "10";

  EXPECT_THAT(validate(nowhere).error().message, HasSubstr("server is missing"));
  EXPECT_THAT(validate(asking({})).error().message, HasSubstr("command is missing"));
  EXPECT_THAT(validate(port_0).error().message, HasSubstr("port 0"));
  EXPECT_THAT(validate(no_unit).error().message, HasSubstr("--timeout"));
  EXPECT_THAT(validate(asking({"echo", "a\nb"})).error().message, HasSubstr("line end"));
}

}  // namespace
}  // namespace weir::tools::exec
