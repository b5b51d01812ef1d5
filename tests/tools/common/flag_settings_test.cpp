#include "tools/weir/common/flag_settings.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/common/command_line.h"

namespace weir::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

bool take_all(const std::string&) { return true; }

/// A command with flags of every kind, and what its command line said.
struct Paint {
  explicit Paint(std::vector<std::string> arguments = {}) {
    add_value(command, {"wall", "WALL", "Wall", "which wall"}, wall);
    add_value(command, {"-c,--colour", "NAME", "Paint", ""}, colour);
    add_value(command, {"--colour-code", "N", "Paint", ""}, code);
    add_value(command, {"--coats", "N", "Paint", ""}, coats);
    add_switch(command, {"--twice", "", "Paint", ""}, twice);
    add_values(command, {"--brush", "B", "Paint", ""}, brushes);
    arguments.insert(arguments.begin(), "paint");
    EXPECT_FALSE(parse_command_line(*program, arguments));
    settings.emplace(command, FlagSettings::Alternatives{{"twice", "coats"}},
                     std::set<std::string>{"help"});
  }

  std::string apply(const std::vector<Setting>& layer) {
    const auto applied = settings->apply(layer, take_all);
    return applied ? std::string() : applied.error().message;
  }

  std::unique_ptr<CLI::App> program = make_program({"house", "", "", ""}, "");
  CLI::App& command = add_command(*program, {"paint", "", "", ""});
  std::optional<std::string> wall, colour, code, coats;
  bool twice = false;
  std::vector<std::string> brushes;
  std::optional<FlagSettings> settings;
};

TEST(FlagSettings, FillWhatTheCommandLineLeavesOpen) {
  Paint paint({"north", "--colour", "red"});

  EXPECT_EQ(paint.apply({{"colour", "blue", "COLOUR"},
                         {"colour-code", "7", "COLOUR_CODE"},
                         {"twice", "true", "TWICE"},
                         {"brush", "thick", "f:1"},
                         {"brush", "thin", "f:2"}}),
            "");

  EXPECT_THAT(paint.colour, Optional(std::string("red")));
  EXPECT_THAT(paint.code, Optional(std::string("7")));
  EXPECT_TRUE(paint.twice);
  EXPECT_THAT(paint.brushes, ElementsAre("thick", "thin"));
}

TEST(FlagSettings, TheFirstLayerThatSetsAFlagWins) {
  Paint paint;

  EXPECT_EQ(paint.apply({{"colour", "blue", "COLOUR"}, {"twice", "off", "TWICE"}}), "");
  EXPECT_EQ(
      paint.apply({{"colour", "green", "f:1"}, {"twice", "on", "f:2"}, {"brush", "b", "f:3"}}), "");

  EXPECT_THAT(paint.colour, Optional(std::string("blue")));
  EXPECT_FALSE(paint.twice);
  EXPECT_THAT(paint.brushes, ElementsAre("b"));
}

TEST(FlagSettings, AlternativesOfLayersAboveHideThoseBelow) {
  Paint paint({"--coats", "3"});
  Paint other;

  EXPECT_EQ(paint.apply({{"twice", "true", "TWICE"}}), "");
  EXPECT_EQ(other.apply({{"twice", "false", "TWICE"}}), "");
  EXPECT_EQ(other.apply({{"coats", "3", "f:1"}}), "");

  EXPECT_FALSE(paint.twice);
  EXPECT_THAT(other.coats, Optional(std::string("3")));  // what is off hides nothing
}

TEST(FlagSettings, RefuseWhatNoFlagIsCalled) {
  EXPECT_EQ(Paint().apply({{"color", "red", "f:7"}}),
            "f:7: there is no flag \"color\"; did you mean \"colour\"?");
  EXPECT_EQ(Paint().apply({{"zzz", "red", "ZZZ"}}), "ZZZ: there is no flag \"zzz\"");
  EXPECT_THAT(Paint().apply({{"help", "true", "HELP"}}), HasSubstr("no flag \"help\""));
  EXPECT_THAT(Paint().apply({{"wall", "north", "f:1"}}), HasSubstr("no flag \"wall\""));
}

TEST(FlagSettings, RefuseWrongValuesThoughALayerAboveSetTheFlag) {
  EXPECT_EQ(Paint({"--twice"}).apply({{"twice", "maybe", "f:2"}}),
            "f:2: \"maybe\" is neither true nor false");
  EXPECT_EQ(Paint({"-c", "red"}).apply({{"colour", "a", "f:2"}, {"colour", "b", "f:5"}}),
            "f:5: colour was set before (f:2)");
}

TEST(FlagSettings, LeaveAloneWhatMeansNothingHere) {
  Paint paint;

  const auto applied =
      paint.settings->apply(std::vector<Setting>{{"colour", "red", "f:1"}, {"coats", "2", "f:2"}},
                            [](const std::string& flag) { return flag != "colour"; });

  EXPECT_TRUE(applied);
  EXPECT_FALSE(paint.colour);
  EXPECT_THAT(paint.coats, Optional(std::string("2")));
}

TEST(FlagSettings, ExplainWhereAFlagWasSet) {
  Paint paint({"--coats", "2"});
  EXPECT_EQ(paint.apply({{"colour", "x", "COLOUR"}, {"coats", "3", "COATS"}}), "");

  EXPECT_EQ(paint.settings->explain("--colour: no such colour"),
            "--colour: no such colour (--colour is from COLOUR)");
  EXPECT_THAT(paint.settings->explain("-c is odd"), HasSubstr("from COLOUR"));
  EXPECT_EQ(paint.settings->explain("--colour-code: 1"), "--colour-code: 1");
  EXPECT_EQ(paint.settings->explain("--coats: 2"), "--coats: 2");
}

}  // namespace
}  // namespace weir::tools
