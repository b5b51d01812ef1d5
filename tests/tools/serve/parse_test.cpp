#include "tools/weir/serve/parse.h"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/common/command_line.h"

namespace weir::tools::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

TEST(ServeParse, TakesEveryFlagAsText) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  add_flags(*program, flags);

  const auto stop = parse_command_line(
      *program, {"serve", "echo", "--listen", "1", "--shards", "2", "--cpus", "3", "--backend", "4",
                 "--per-connection", "5", "--codec", "6", "--spin", "7"});

  ASSERT_FALSE(stop) << stop->text;
  EXPECT_THAT(flags.service, Optional(std::string("echo")));
  EXPECT_THAT(flags.listen, Optional(std::string("1")));
  EXPECT_THAT(flags.shards, Optional(std::string("2")));
  EXPECT_THAT(flags.cpus, Optional(std::string("3")));
  EXPECT_THAT(flags.backend, Optional(std::string("4")));
  EXPECT_THAT(flags.per_connection, Optional(std::string("5")));
  EXPECT_THAT(flags.codec, Optional(std::string("6")));
  EXPECT_THAT(flags.spin, Optional(std::string("7")));
}

TEST(ServeParse, TakesTheFlagsOfExec) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  add_flags(*program, flags);

  const auto stop = parse_command_line(*program, {"serve",
                                                  "--allow",
                                                  "a",
                                                  "--requests",
                                                  "1",
                                                  "exec",
                                                  "--allow",
                                                  "b",
                                                  "--time-limit",
                                                  "2",
                                                  "--output-limit",
                                                  "3",
                                                  "--concurrency",
                                                  "4",
                                                  "--connections",
                                                  "5",
                                                  "--idle-timeout",
                                                  "6",
                                                  "--i-understand",
                                                  "--log"});

  ASSERT_FALSE(stop) << stop->text;
  EXPECT_THAT(flags.service, Optional(std::string("exec")));
  EXPECT_THAT(flags.exec.allow, ElementsAre("a", "b"));
  EXPECT_THAT(flags.exec.requests, Optional(std::string("1")));
  EXPECT_THAT(flags.exec.time_limit, Optional(std::string("2")));
  EXPECT_THAT(flags.exec.output_limit, Optional(std::string("3")));
  EXPECT_THAT(flags.exec.concurrency, Optional(std::string("4")));
  EXPECT_THAT(flags.connections, Optional(std::string("5")));
  EXPECT_THAT(flags.idle_timeout, Optional(std::string("6")));
  EXPECT_TRUE(flags.exec.is_understood);
  EXPECT_TRUE(flags.exec.is_logged);
}

TEST(ServeParse, TakesTheFlagsOfStallAndWork) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  add_flags(*program, flags);

  const auto stop =
      parse_command_line(*program, {"serve", "work", "--every", "1", "--for", "2", "--service-time",
                                    "3", "--seed", "4", "--message-bytes", "5"});

  ASSERT_FALSE(stop) << stop->text;
  EXPECT_THAT(flags.stall.every, Optional(std::string("1")));
  EXPECT_THAT(flags.stall.length, Optional(std::string("2")));
  EXPECT_THAT(flags.work.service_time, Optional(std::string("3")));
  EXPECT_THAT(flags.work.seed, Optional(std::string("4")));
  EXPECT_THAT(flags.work.message_bytes, Optional(std::string("5")));
}

TEST(ServeParse, HelpHasExamplesAndFitsATerminal) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  add_flags(*program, flags);

  const auto help = parse_command_line(*program, {"serve", "-h"});

  ASSERT_TRUE(help);
  EXPECT_THAT(help->text, HasSubstr("weir serve echo --listen 127.0.0.1:9000\n"));
  std::istringstream lines(help->text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace weir::tools::serve
