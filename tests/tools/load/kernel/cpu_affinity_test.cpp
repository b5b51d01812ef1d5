#include "tools/weir/load/kernel/cpu_affinity.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/tools/support/fake_system.h"

namespace weir::tools::load {
namespace {

CpuMask mask_of(std::initializer_list<std::size_t> cpus) {
  CpuMask mask;
  for (const std::size_t cpu : cpus) mask.set(cpu);
  return mask;
}

TEST(CpuAffinity, ReadsTheKernelsNotation) {
  EXPECT_EQ(parse_cpu_mask("0"), mask_of({0}));
  EXPECT_EQ(parse_cpu_mask("0-2,8"), mask_of({0, 1, 2, 8}));
  EXPECT_EQ(parse_cpu_mask("1023"), mask_of({1023}));
}

TEST(CpuAffinity, LeavesOutWhatItDoesNotUnderstand) {
  EXPECT_EQ(parse_cpu_mask(""), CpuMask());
  EXPECT_EQ(parse_cpu_mask("x,,3,-,4-2,1024,18446744073709551615-18446744073709551615"),
            mask_of({3}));
  EXPECT_EQ(parse_cpu_mask("1022-18446744073709551615"), mask_of({1022, 1023}));
}

TEST(CpuAffinity, OfAProcessIsThatOfItsThreads) {
  FakeSystem system;
  system.with("proc/812/task/812/status", "Name:\techo\nCpus_allowed_list:\t0\n")
      .with("proc/812/task/813/status", "Cpus_allowed_list:\t2-3\n")
      .with("proc/812/task/814/status", "Name:\techo\n");

  EXPECT_EQ(affinity_of_process(system.files(), 812), mask_of({0, 2, 3}));
  EXPECT_EQ(affinity_of_thread(system.files(), "proc/812/task/813"), mask_of({2, 3}));
  EXPECT_EQ(affinity_of_process(system.files(), 999), CpuMask());
}

TEST(CpuAffinity, OfThisProcessIsSomething) {
  EXPECT_TRUE(affinity_of_process(SystemFiles(), ::getpid()).any());
}

}  // namespace
}  // namespace weir::tools::load
