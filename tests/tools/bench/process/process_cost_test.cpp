#include "tools/weir/bench/process/process_cost.h"

#include <unistd.h>

#include <chrono>

#include <gtest/gtest.h>

#include "tools/weir/bench/process/system_call_counter.h"
#include "tools/weir/common/child_process.h"

namespace weir::tools::bench {
namespace {

using namespace std::chrono_literals;

TEST(ProcessCost, CountsTheTimeOfThisProcess) {
  const auto before = cpu_time_of(::getpid());
  const auto start = std::chrono::steady_clock::now();
  while (cpu_time_of(::getpid()) - before < 20ms) {
    ASSERT_LT(std::chrono::steady_clock::now() - start, 60s) << "no processor time is counted";
  }

  EXPECT_GE(cpu_time_of(::getpid()) - before, 20ms);
}

TEST(ProcessCost, ASleeperHasSettledAndHasMemory) {
  auto sleeper = ChildProcess::start("/bin/cat", {"cat"});
  ASSERT_TRUE(sleeper) << sleeper.error();
  ASSERT_TRUE(sleeper->write("awake\n"));
  ASSERT_EQ(sleeper->read_line(10s), "awake");

  const auto settled = settled_cpu_time_of(sleeper->pid());

  EXPECT_GT(settled, 0ns);
  EXPECT_EQ(cpu_time_of(sleeper->pid()), settled);
  EXPECT_GT(resident_bytes_of(sleeper->pid()).value_or(0), 4096U);
}

TEST(ProcessCost, NobodyCostsNothing) {
  EXPECT_EQ(cpu_time_of(-1), 0ns);
  EXPECT_EQ(resident_bytes_of(-1), std::nullopt);
}

TEST(SystemCallCounter, CountsTheCallsOfAnotherProcess) {
  auto echo = ChildProcess::start("/bin/cat", {"cat"});
  ASSERT_TRUE(echo) << echo.error();
  ASSERT_TRUE(echo->write("1\n"));
  ASSERT_EQ(echo->read_line(10s), "1");
  (void)settled_cpu_time_of(echo->pid());
  const auto counter = SystemCallCounter::start(echo->pid());
  if (!counter) GTEST_SKIP() << "system calls can't be counted: " << counter.error().message();

  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(echo->write("x\n"));
    ASSERT_EQ(echo->read_line(10s), "x");
  }
  (void)settled_cpu_time_of(echo->pid());

  EXPECT_EQ(counter->count(), 20U);  // a read and a write each: the first read was there already
}

}  // namespace
}  // namespace weir::tools::bench
