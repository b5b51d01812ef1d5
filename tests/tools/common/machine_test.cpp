#include "tools/weir/common/machine.h"

#include <gtest/gtest.h>

#include "tests/tools/support/fake_system.h"

namespace weir::tools {
namespace {

TEST(Machine, IsReadFromTheSystemsFiles) {
  FakeSystem system;
  system.with("proc/sys/kernel/osrelease", "6.18.5-cloud\n")
      .with("proc/cpuinfo",
            "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu hypervisor\n\nprocessor\t: 1\n")
      .with("proc/self/status", "Cpus_allowed_list:\t0,2-3\n")
      .with("sys/devices/system/cpu/online", "0-3\n")
      .with("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n")
      .with("proc/loadavg", "0.10 0.20 0.30 1/100 42\n");

  const Machine machine = read_machine(system.files());

  EXPECT_EQ(machine.kernel_release, "6.18.5-cloud");
  EXPECT_EQ(machine.cpu_model, "AMD EPYC");
  EXPECT_EQ(machine.cpus_online, 4U);
  EXPECT_EQ(machine.cpus_allowed, 3U);
  EXPECT_EQ(machine.governor, "powersave");
  EXPECT_EQ(machine.load_average, "0.10 0.20 0.30 1/100 42");
  EXPECT_TRUE(machine.is_virtual);
  EXPECT_EQ(describe(machine), "Linux 6.18.5-cloud, 3 CPUs, AMD EPYC, virtual");
}

TEST(Machine, WhatIsMissingIsEmpty) {
  const Machine machine = read_machine(FakeSystem().files());

  EXPECT_EQ(machine.kernel_release, "");
  EXPECT_EQ(machine.cpus_allowed, 0U);
  EXPECT_FALSE(machine.is_virtual);
}

TEST(Machine, CountsCpusInTheKernelsNotation) {
  EXPECT_EQ(count_cpus("0"), 1U);
  EXPECT_EQ(count_cpus("0-3,8,10-11"), 7U);
  for (const char* text : {"", "x", "3-1", "0-", "-1", "0-99999999999"}) {
    EXPECT_EQ(count_cpus(text), 0U) << text;
  }
}

}  // namespace
}  // namespace weir::tools
