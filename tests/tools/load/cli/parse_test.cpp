#include "tools/weir/load/cli/parse.h"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/common/command_line.h"

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

TEST(LoadParse, TakesEveryFlagAsText) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  add_flags(*program, flags);

  const auto stop = parse_command_line(
      *program, {"load", "tcp://:1",  "--closed",  "-c", "2",  "--depth=3",  "--size",
                 "4",    "-d5",       "--timeout", "6",  "-t", "7",          "--cpus",
                 "8",    "--backend", "9",         "-o", "10", "--progress", "11"});

  ASSERT_FALSE(stop) << stop->text;
  EXPECT_TRUE(flags.closed);
  EXPECT_THAT(flags.words, ElementsAre("tcp://:1"));
  EXPECT_THAT(flags.connections, Optional(std::string("2")));
  EXPECT_THAT(flags.depth, Optional(std::string("3")));
  EXPECT_THAT(flags.size, Optional(std::string("4")));
  EXPECT_THAT(flags.duration, Optional(std::string("5")));
  EXPECT_THAT(flags.timeout, Optional(std::string("6")));
  EXPECT_THAT(flags.shards, Optional(std::string("7")));
  EXPECT_THAT(flags.cpus, Optional(std::string("8")));
  EXPECT_THAT(flags.backend, Optional(std::string("9")));
  EXPECT_THAT(flags.output, Optional(std::string("10")));
  EXPECT_THAT(flags.progress, Optional(std::string("11")));
}

TEST(LoadParse, TakesAJobBeforeItsTargets) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  add_flags(*program, flags);

  const auto stop =
      parse_command_line(*program, {"load", "compare", "tcp://:1", "tcp://:2", "--rounds", "5",
                                    "--label", "a=1", "--label=b=2"});

  ASSERT_FALSE(stop) << stop->text;
  EXPECT_THAT(flags.words, ElementsAre("compare", "tcp://:1", "tcp://:2"));
  EXPECT_THAT(flags.rounds, Optional(std::string("5")));
  EXPECT_THAT(flags.labels, ElementsAre("a=1", "b=2"));
}

TEST(LoadParse, AnswersAnUnknownFlagWithTheNearest) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  add_flags(*program, flags);

  const auto stop = parse_command_line(*program, {"load", "tcp://:1", "--arival", "poisson"});

  ASSERT_TRUE(stop);
  EXPECT_THAT(stop->text, HasSubstr("--arrival"));
}

TEST(LoadParse, TakesTheFlagsOfDatagrams) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  add_flags(*program, flags);

  const auto stop = parse_command_line(
      *program, {"load", "udp://:1", "--rate", "20k", "--lost-after=1s", "--one-way"});

  ASSERT_FALSE(stop) << stop->text;
  EXPECT_THAT(flags.rate, Optional(std::string("20k")));
  EXPECT_THAT(flags.lost_after, Optional(std::string("1s")));
  EXPECT_TRUE(flags.one_way);
}

TEST(LoadParse, HelpFitsATerminal) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  add_flags(*program, flags);

  std::istringstream lines(parse_command_line(*program, {"load", "-h"})->text);

  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace weir::tools::load
