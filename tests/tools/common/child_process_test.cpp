#include "tools/weir/common/child_process.h"

#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(ChildProcess, SpeaksByLines) {
  auto cat = ChildProcess::start("/bin/cat", {"cat"});
  ASSERT_TRUE(cat) << cat.error();

  EXPECT_TRUE(cat->write("one\ntwo\nrest"));

  EXPECT_EQ(cat->read_line(10s), "one");
  EXPECT_EQ(cat->read_line(10s), "two");
  cat->close_input();
  EXPECT_EQ(cat->read_rest(10s), "rest");
  const auto end = cat->wait(10s);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 0);
}

TEST(ChildProcess, NoLineInTimeIsNoLine) {
  auto cat = ChildProcess::start("/bin/cat", {"cat"});
  ASSERT_TRUE(cat) << cat.error();

  EXPECT_EQ(cat->read_line(1ms), std::nullopt);
  EXPECT_EQ(cat->wait(1ms), std::nullopt);
}

TEST(ChildProcess, TellsHowItEnded) {
  auto failed = ChildProcess::start("/bin/sh", {"sh", "-c", "exit 3"});
  auto killed = ChildProcess::start("/bin/cat", {"cat"});
  ASSERT_TRUE(failed && killed);

  killed->send(SIGTERM);

  EXPECT_EQ(failed->wait(10s)->exit_code, 3);
  EXPECT_EQ(killed->wait(10s)->exit_code, -SIGTERM);
}

TEST(ChildProcess, WritingToOneThatEndedIsNoSignal) {
  auto gone = ChildProcess::start("/bin/true", {"true"});
  ASSERT_TRUE(gone);
  ASSERT_TRUE(gone->wait(10s));

  EXPECT_FALSE(gone->write("anybody?\n"));
}

TEST(ChildProcess, AMissingProgramIsAnError) {
  const auto missing = ChildProcess::start("/no/such/program", {"program"});

  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error(), HasSubstr("cannot start /no/such/program: No such file"));
}

}  // namespace
}  // namespace weir::tools
