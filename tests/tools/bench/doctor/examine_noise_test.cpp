#include "tools/weir/bench/doctor/examine_noise.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/fake_system.h"
#include "tools/weir/bench/doctor/doctor_text.h"

namespace weir::tools::bench {
namespace {

using doctor::LimitFinding;
using doctor::Verdict;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr NoiseSample quiet{.watched = 500ms,
                            .stolen = 100us,
                            .gap_max = 50us,
                            .gaps = 3,
                            .wake_p50 = 60us,
                            .wake_p99 = 90us};

void make_quiet(FakeSystem& system) {
  system.with("proc/self/status", "Cpus_allowed_list:\t0-7\n")
      .with("proc/loadavg", "0.08 0.02 0.01 1/200 4711\n")
      .with("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n")
      .with("proc/cpuinfo", "model name\t: Example\nflags\t\t: fpu tsc\n")
      .with("sys/devices/system/cpu/online", "0-7\n")
      .with("sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0\n")
      .with("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n")
      .with("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n")
      .with("sys/kernel/tracing/events/raw_syscalls/sys_enter/id", "350\n");
}

LimitFinding finding(const std::vector<LimitFinding>& findings, const std::string& name) {
  const auto found = std::ranges::find(findings, name, &LimitFinding::name);
  EXPECT_NE(found, findings.end()) << name;
  return found == findings.end() ? LimitFinding() : *found;
}

TEST(ExamineNoise, AQuietMachineHurtsNowhere) {
  FakeSystem system;
  make_quiet(system);

  for (const LimitFinding& one : examine_noise(system.files(), quiet)) {
    if (one.name == "build") continue;  // this one is whatever it is
    EXPECT_EQ(one.verdict, Verdict::ok) << one.name << " = " << one.value;
  }
}

TEST(ExamineNoise, SaysWhatIsNoisyAndHowToMendIt) {
  struct Vector {
    const char* name;
    const char* path;
    const char* content;
    const char* remedy;
  };
  for (const Vector& v : {
           Vector{"load", "proc/loadavg", "3.10 2.00 1.00 4/200 4711\n", "top"},
           Vector{"cpu pressure", "proc/pressure/cpu", "some avg10=40.00 avg60=1.00\n", ""},
           Vector{"cpus", "proc/self/status", "Cpus_allowed_list:\t0\n", ""},
           Vector{"siblings", "sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0,4\n",
                  "smt/control"},
           Vector{"governor", "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n",
                  "cpupower"},
           Vector{"clock source", "sys/devices/system/clocksource/clocksource0/current_clocksource",
                  "hpet\n", ""},
           Vector{"hypervisor", "proc/cpuinfo", "flags\t\t: fpu hypervisor\n", ""},
       }) {
    FakeSystem system;
    make_quiet(system);
    system.with(v.path, v.content);

    const LimitFinding found = finding(examine_noise(system.files(), quiet), v.name);

    EXPECT_EQ(found.verdict, Verdict::will_hurt) << v.name;
    EXPECT_THAT(found.remedy, HasSubstr(v.remedy)) << v.name;
  }
}

TEST(ExamineNoise, GapsAndLateWakeUpsAreNoise) {
  FakeSystem system;
  make_quiet(system);
  NoiseSample noisy = quiet;
  noisy.stolen = 50ms;
  noisy.gap_max = 4ms;
  noisy.wake_p99 = 2ms;

  const std::vector<LimitFinding> findings = examine_noise(system.files(), noisy);

  EXPECT_EQ(finding(findings, "gaps").verdict, Verdict::will_hurt);
  EXPECT_THAT(finding(findings, "gaps").value, HasSubstr("10.00 % of the time"));
  EXPECT_EQ(finding(findings, "wake-up").verdict, Verdict::will_hurt);
  EXPECT_THAT(doctor_text(findings, {}), HasSubstr("make measurements noisy"));
}

TEST(ExamineNoise, WhatCannotBeReadIsNotGuessed) {
  const FakeSystem system;

  const std::vector<LimitFinding> findings = examine_noise(system.files(), quiet);

  for (const char* name : {"load", "cpu pressure", "siblings", "clock source", "tracepoints"}) {
    EXPECT_EQ(finding(findings, name).verdict, Verdict::cannot_tell) << name;
  }
}

TEST(MeasureNoise, WatchesEachProcessor) {
  const NoiseSample sample = measure_noise();

  EXPECT_GE(sample.watched, 250ms);
  EXPECT_LE(sample.stolen, sample.watched);
  EXPECT_LE(sample.gap_max, sample.stolen);
  EXPECT_GT(sample.wake_p99, 0ns);
  EXPECT_LE(sample.wake_p50, sample.wake_p99);
}

}  // namespace
}  // namespace weir::tools::bench
