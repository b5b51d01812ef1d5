#include "tools/weir/common/machine_moment.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/tools/support/fake_system.h"

namespace weir::tools {
namespace {

TEST(MachineMoment, HasLoadPressureAndWhatWasStolen) {
  FakeSystem system;
  system.with("proc/loadavg", "0.50 0.40 0.30 1/100 4711\n")
      .with("proc/pressure/cpu", "some avg10=1.00 avg60=0.50 avg300=0.10 total=12\nfull ...\n")
      .with("proc/stat", "cpu  100 2 30 4000 5 6 7 88 9 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n");

  const MachineMoment moment = read_machine_moment(system.files());

  EXPECT_EQ(moment.load_average, "0.50 0.40 0.30 1/100 4711");
  EXPECT_EQ(moment.pressure_cpu, "some avg10=1.00 avg60=0.50 avg300=0.10 total=12");
  EXPECT_EQ(moment.pressure_memory, "");
  EXPECT_EQ(moment.stolen_ticks, 88U);
}

TEST(MachineMoment, WhatIsNotThereIsUnknown) {
  FakeSystem system;
  EXPECT_EQ(read_machine_moment(system.files()).stolen_ticks, std::nullopt);

  system.with("proc/stat", "cpu  100 2 30\n");

  EXPECT_EQ(read_machine_moment(system.files()).stolen_ticks, std::nullopt);
}

TEST(MachineMoment, StolenTimeIsADifference) {
  const auto ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  MachineMoment before;
  MachineMoment after;
  EXPECT_EQ(stolen_ms(before, after), std::nullopt);

  before.stolen_ticks = 50;
  after.stolen_ticks = 50 + 2 * ticks;

  EXPECT_EQ(stolen_ms(before, after), 2000U);
  EXPECT_EQ(stolen_ms(after, before), std::nullopt);
}

}  // namespace
}  // namespace weir::tools
