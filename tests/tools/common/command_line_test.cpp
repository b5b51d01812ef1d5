#include "tools/weir/common/command_line.h"

#include <sstream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

struct Fixture {
  Fixture() {
    CLI::App& paint = add_command(
        *program, {"paint", "Paint a wall.", "WALL [options]", "  paint north    the cold one"});
    add_value(paint, {"wall", "WALL", "Wall", "which wall"}, wall);
    add_value(paint, {"-c,--colour", "NAME", "Paint", "a colour (white)"}, colour);
    add_switch(paint, {"--twice", "", "Paint", "two coats"}, twice);
    add_value(paint, {"--secret", "X", "", "not in the help"}, secret);
    add_command(*program, {"mend", "Mend a wall.", "", ""});
  }

  std::optional<CommandLineStop> parse(const std::vector<std::string>& arguments) {
    return parse_command_line(*program, arguments);
  }

  std::unique_ptr<CLI::App> program =
      make_program({"house", "Look after a house.", "SUB-COMMAND", "  house paint north"}, "1.2");
  std::optional<std::string> wall, colour, secret;
  bool twice = false;
};

/// With a flag that may be repeated, and a command of somebody else's at the end.
struct TellFixture {
  TellFixture() {
    CLI::App& tell = add_command(*program, {"tell", "Tell somebody.", "WHO WHAT...", ""});
    add_value(tell, {"who", "WHO", "Whom", "who is told"}, who);
    add_values(tell, {"-l,--loudly", "HOW", "How", "may be repeated"}, manners);
    add_rest(tell, what);
    add_command(*program, {"paint", "Paint a wall.", "", ""});
  }

  std::unique_ptr<CLI::App> program = make_program({"house", "Look after a house.", "", ""}, "1.2");
  std::optional<std::string> who;
  std::vector<std::string> manners, what;
};

void expect_refused(const std::vector<std::string>& arguments, const std::string& text) {
  const auto stop = Fixture().parse(arguments);

  ASSERT_TRUE(stop);
  EXPECT_EQ(stop->exit_code, ExitCode::bad_usage);
  EXPECT_EQ(stop->text, text);
}

TEST(CommandLine, FillsWhatWasGiven) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"paint", "north", "--colour", "red", "--twice"},
                                             {"paint", "--colour=red", "--twice", "north"},
                                             {"paint", "-cred", "north", "--twice"}}) {
    Fixture house;

    EXPECT_FALSE(house.parse(arguments));
    EXPECT_TRUE(house.program->got_subcommand("paint"));
    EXPECT_THAT(house.wall, Optional(std::string("north")));
    EXPECT_THAT(house.colour, Optional(std::string("red")));
    EXPECT_TRUE(house.twice);
    EXPECT_FALSE(house.secret);
  }
}

TEST(CommandLine, AValueMayLookLikeAnything) {
  Fixture house;

  EXPECT_FALSE(house.parse({"paint", "", "--colour=--red"}));
  EXPECT_THAT(house.wall, Optional(std::string()));
  EXPECT_THAT(house.colour, Optional(std::string("--red")));
}

TEST(CommandLine, RefusesTheUnknownWithASuggestion) {
  expect_refused({"paint", "--color", "red"},
                 "house paint: there is no flag \"--color\"; did you mean \"--colour\"?\n"
                 "Try \"house paint --help\".\n");
  expect_refused({"paint", "north", "--color=red"},
                 "house paint: there is no flag \"--color\"; did you mean \"--colour\"?\n"
                 "Try \"house paint --help\".\n");
  expect_refused({"paint", "-x"},
                 "house paint: there is no flag \"-x\"\nTry \"house paint --help\".\n");
  expect_refused({"pant"},
                 "house: there is no sub-command \"pant\"; did you mean \"paint\"?\n"
                 "Try \"house --help\".\n");
  expect_refused({"sell"},
                 "house: there is no sub-command \"sell\"; known are paint and mend\n"
                 "Try \"house --help\".\n");
  expect_refused({"--versio"},
                 "house: there is no flag \"--versio\"; did you mean \"--version\"?\n"
                 "Try \"house --help\".\n");
}

TEST(CommandLine, KeepsAllValuesOfAFlagThatMayBeRepeated) {
  TellFixture house;

  const auto stop = parse_command_line(
      *house.program, {"tell", "-l", "shouting", "Ann", "--loudly=singing", "-l", ""});

  EXPECT_FALSE(stop);
  EXPECT_THAT(house.who, Optional(std::string("Ann")));
  EXPECT_THAT(house.manners, ElementsAre("shouting", "singing", ""));
  EXPECT_THAT(house.what, ElementsAre());
}

TEST(CommandLine, TheRestIsNobodysBusiness) {
  TellFixture house;

  const auto stop = parse_command_line(
      *house.program, {"tell", "Ann", "-l", "x", "paint", "--loudly", "-z", "--help"});

  EXPECT_FALSE(stop);
  EXPECT_THAT(house.manners, ElementsAre("x"));
  EXPECT_THAT(house.what, ElementsAre("paint", "--loudly", "-z", "--help"));
}

TEST(CommandLine, AnUnknownFlagInFrontOfTheRestIsRefused) {
  TellFixture house;

  const auto stop = parse_command_line(*house.program, {"tell", "Ann", "--loudlier", "x"});

  ASSERT_TRUE(stop);
  EXPECT_THAT(stop->text, HasSubstr("no flag \"--loudlier\"; did you mean \"--loudly\"?"));
}

TEST(CommandLine, RefusesTheSecond) {
  expect_refused({"paint", "--colour", "red", "-c", "blue"},
                 "house paint: --colour was given 2 times; once is enough\n"
                 "Try \"house paint --help\".\n");
  expect_refused({"paint", "--twice", "--twice"},
                 "house paint: --twice was given 2 times; once is enough\n"
                 "Try \"house paint --help\".\n");
  expect_refused({"paint", "north", "south"},
                 "house paint: \"south\" is one argument too many\nTry \"house paint --help\".\n");
  expect_refused({"paint", "north", "mend"},
                 "house paint: \"mend\" is one argument too many\nTry \"house paint --help\".\n");
}

TEST(CommandLine, RefusesAMissingOrNeedlessValue) {
  expect_refused({"paint", "--colour"},
                 "house paint: --colour needs a value\nTry \"house paint --help\".\n");
  expect_refused({"paint", "--colour", "--twice", "north"},
                 "house paint: --colour needs a value; the flag --twice follows\n"
                 "Try \"house paint --help\".\n");
  expect_refused({"paint", "--twice=3"},
                 "house paint: --twice takes no value\nTry \"house paint --help\".\n");
}

TEST(CommandLine, HelpIsGroupedAndEndsWithExamples) {
  const auto stop = Fixture().parse({"paint", "--help"});

  ASSERT_TRUE(stop);
  EXPECT_EQ(stop->exit_code, ExitCode::done);
  EXPECT_EQ(stop->text, R"(Paint a wall.

Usage: house paint WALL [options]

Wall:
  WALL                  which wall

Paint:
  -c, --colour NAME     a colour (white)
      --twice           two coats

Other:
  -h, --help            Print this help

Examples:
  paint north    the cold one
)");
}

TEST(CommandLine, HelpOfTheProgramListsTheSubCommands) {
  const auto asked = Fixture().parse({"-h"});
  const auto lost = Fixture().parse({});

  ASSERT_TRUE(asked && lost);
  EXPECT_EQ(asked->exit_code, ExitCode::done);
  EXPECT_THAT(asked->text,
              AllOf(HasSubstr("\n  paint                 Paint a wall.\n"),
                    HasSubstr("\n  mend                  Mend a wall.\n"), HasSubstr("--version")));
  EXPECT_EQ(lost->exit_code, ExitCode::bad_usage);
  EXPECT_EQ(lost->text, asked->text);
}

TEST(CommandLine, HelpWrapsAtWords) {
  Fixture house;
  std::optional<std::string> value;
  const std::string purpose =
      "a purpose that is much longer than what is left of a line of eighty columns after the name";
  add_value(*house.program->get_subcommand("mend"),
            {"--with-a-very-long-name", "NAME", "X", purpose}, value);

  const auto stop = house.parse({"mend", "--help"});

  ASSERT_TRUE(stop);
  std::istringstream lines(stop->text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  EXPECT_THAT(stop->text, HasSubstr("\n      --with-a-very-long-name NAME\n"
                                    "                        a purpose that is much longer"));
}

TEST(CommandLine, HelpWinsOverOtherMistakes) {
  const auto stop = Fixture().parse({"paint", "--color", "--help"});

  ASSERT_TRUE(stop);
  EXPECT_EQ(stop->exit_code, ExitCode::done);
}

TEST(CommandLine, TellsTheVersion) {
  const auto stop = Fixture().parse({"--version"});

  ASSERT_TRUE(stop);
  EXPECT_EQ(stop->exit_code, ExitCode::done);
  EXPECT_THAT(stop->text, AllOf(HasSubstr("1.2\n"), Not(HasSubstr("\n\n"))));
}

}  // namespace
}  // namespace weir::tools
