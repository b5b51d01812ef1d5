#include "tools/weir/doctor/limits.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/fake_system.h"

namespace weir::tools::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string limits_file(const char* nofile, const char* memlock) {
  return std::string(
             "Limit                     Soft Limit           Hard Limit           Units\n") +
         "Max cpu time              unlimited            unlimited            seconds\n" +
         "Max open files            " + nofile + "                files\n" +
         "Max locked memory         " + memlock + "              bytes\n";
}

constexpr const char* limits_path = "proc/self/limits";
constexpr const char* status_path = "proc/self/status";

/// A machine on which nothing hurts.
void make_healthy(FakeSystem& system) {
  system.with(limits_path, limits_file("20000  1048576", "8388608  unlimited"))
      .with(status_path, "Seccomp:\t0\nCpus_allowed_list:\t0-3\n")
      .with("proc/self/cgroup", "0::/user.slice/me\n")
      .with("proc/sys/net/core/somaxconn", "4096\n")
      .with("proc/sys/net/core/rmem_max", "4194304\n")
      .with("proc/sys/net/core/wmem_max", "4194304\n")
      .with("proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n")
      .with("proc/sys/net/ipv4/tcp_wmem", "4096\t16384\t4194304\n")
      .with("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n")
      .with("proc/sys/net/ipv4/tcp_congestion_control", "cubic\n")
      .with("proc/sys/kernel/osrelease", "6.18.5\n")
      .with("proc/sys/kernel/io_uring_disabled", "0\n")
      .with("sys/devices/system/cpu/online", "0-3\n")
      .with("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n")
      .with("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
}

LimitFinding finding(const FakeSystem& system, std::string_view name) {
  const auto findings = examine_limits(system.files());
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const LimitFinding& limit) { return limit.name == name; });
  EXPECT_NE(found, findings.end()) << name;
  return found == findings.end() ? LimitFinding{} : *found;
}

TEST(Limits, NothingHurtsOnAHealthyMachine) {
  FakeSystem system;
  make_healthy(system);

  const auto findings = examine_limits(system.files());

  EXPECT_EQ(findings.size(), 16U);
  for (const LimitFinding& limit : findings) {
    EXPECT_EQ(limit.verdict, Verdict::ok) << limit.name << " = " << limit.value;
    EXPECT_THAT(limit.value, Not(IsEmpty())) << limit.name;
    EXPECT_THAT(limit.reason, Not(IsEmpty())) << limit.name;
    EXPECT_THAT(limit.remedy, IsEmpty()) << limit.name;
  }
}

TEST(Limits, WhatCannotBeReadIsNotJudged) {
  const auto findings = examine_limits(FakeSystem().files());

  EXPECT_EQ(findings.size(), 16U);
  for (const LimitFinding& limit : findings) {
    if (limit.name == "kernel.io_uring_disabled") continue;  // absent means: not disabled
    EXPECT_EQ(limit.verdict, Verdict::cannot_tell) << limit.name;
    EXPECT_THAT(limit.remedy, IsEmpty()) << limit.name;
  }
  EXPECT_EQ(finding(FakeSystem(), "net.core.somaxconn").reason,
            "/proc/sys/net/core/somaxconn cannot be read here");
}

TEST(Limits, EachKnowsWhatHurtsAndWhatMendsIt) {
  struct Vector {
    const char *limit, *path, *content, *value, *remedy;
  };
  const std::string few_files = limits_file("1024  4096", "8388608  8388608");
  const std::string raisable = limits_file("1024  524288", "65536  unlimited");
  const std::string unlimited_files = limits_file("1024  unlimited", "65536  16777216");
  const std::string little_memory = limits_file("20000  20000", "65536  65536");
  for (const auto& v : {
           Vector{"nofile", limits_path, few_files.c_str(), "1 024 (hard 4 096)",
                  "sudo prlimit --pid $$ --nofile=1048576:1048576"},
           Vector{"nofile", limits_path, raisable.c_str(), "1 024 (hard 524 288)",
                  "ulimit -n 524288"},
           Vector{"nofile", limits_path, unlimited_files.c_str(), "1 024 (hard unlimited)",
                  "ulimit -n 1048576"},
           Vector{"memlock", limits_path, raisable.c_str(), "64 KiB (hard unlimited)",
                  "ulimit -l unlimited"},
           Vector{"memlock", limits_path, unlimited_files.c_str(), "64 KiB (hard 16 MiB)",
                  "ulimit -l 16384"},
           Vector{"memlock", limits_path, little_memory.c_str(), "64 KiB (hard 64 KiB)",
                  "sudo prlimit --pid $$ --memlock=unlimited:unlimited"},
           Vector{"net.core.somaxconn", "proc/sys/net/core/somaxconn", "128", "128",
                  "sudo sysctl -w net.core.somaxconn=4096"},
           Vector{"net.core.rmem_max", "proc/sys/net/core/rmem_max", "212992", "208 KiB",
                  "sudo sysctl -w net.core.rmem_max=4194304"},
           Vector{"net.core.wmem_max", "proc/sys/net/core/wmem_max", "212992", "208 KiB",
                  "sudo sysctl -w net.core.wmem_max=4194304"},
           Vector{"net.ipv4.tcp_rmem", "proc/sys/net/ipv4/tcp_rmem", "4096 87380 1000000",
                  "85.3 KiB to 977 KiB", "sudo sysctl -w net.ipv4.tcp_rmem=\"4096 87380 4194304\""},
           Vector{"net.ipv4.tcp_wmem", "proc/sys/net/ipv4/tcp_wmem", "4096 16384 65536",
                  "16 KiB to 64 KiB", "sudo sysctl -w net.ipv4.tcp_wmem=\"4096 16384 4194304\""},
           Vector{"net.ipv4.ip_local_port_range", "proc/sys/net/ipv4/ip_local_port_range",
                  "50000 59999", "50000 to 59999",
                  "sudo sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\""},
           Vector{"kernel", "proc/sys/kernel/osrelease", "5.10.0-30-amd64", "5.10.0-30-amd64",
                  "sudo apt-get install linux-image-amd64  # then reboot"},
           Vector{"kernel.io_uring_disabled", "proc/sys/kernel/io_uring_disabled", "2", "2",
                  "sudo sysctl -w kernel.io_uring_disabled=0"},
           Vector{"kernel.io_uring_disabled", "proc/sys/kernel/io_uring_disabled", "1", "1",
                  "sudo sysctl -w kernel.io_uring_disabled=0"},
           Vector{"cpus", status_path, "Cpus_allowed_list:\t2\n", "1 of 4", ""},
           Vector{"cgroup cpu.max", "sys/fs/cgroup/user.slice/me/cpu.max", "150000 100000",
                  "1.5 CPUs", "echo max | sudo tee /sys/fs/cgroup/user.slice/me/cpu.max"},
           Vector{"cgroup cpu.max", "sys/fs/cgroup/user.slice/cpu.max", "50000 100000", "0.5 CPUs",
                  "echo max | sudo tee /sys/fs/cgroup/user.slice/cpu.max"},
           Vector{"cgroup cpu.max", "sys/fs/cgroup/cpu.max", "200000 100000", "2 CPUs",
                  "echo max | sudo tee /sys/fs/cgroup/cpu.max"},
           Vector{"cpu governor", "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                  "powersave", "powersave", "sudo cpupower frequency-set -g performance"},
       }) {
    SCOPED_TRACE(std::string(v.limit) + " = " + v.value);
    FakeSystem system;
    make_healthy(system);
    system.with(v.path, v.content);

    const LimitFinding limit = finding(system, v.limit);

    EXPECT_EQ(limit.verdict, Verdict::will_hurt);
    EXPECT_EQ(limit.value, v.value);
    EXPECT_EQ(limit.remedy, v.remedy);
    EXPECT_THAT(limit.reason, Not(IsEmpty()));
  }
}

TEST(Limits, SaysWhereItDepends) {
  FakeSystem system;
  make_healthy(system);
  system.with(status_path, "Seccomp:\t2\nCpus_allowed_list:\t0-3\n")
      .with("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n")
      .without("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
      .with("proc/sys/kernel/osrelease", "unusual\n");

  for (const char* name : {"seccomp", "transparent huge pages", "cpu governor", "kernel"}) {
    EXPECT_EQ(finding(system, name).verdict, Verdict::cannot_tell) << name;
  }
  EXPECT_THAT(finding(system, "transparent huge pages").remedy,
              HasSubstr("echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"));
}

TEST(Limits, AQuotaAboveTheCpusDoesNotHurt) {
  FakeSystem system;
  make_healthy(system);
  system.with("sys/fs/cgroup/user.slice/me/cpu.max", "400000 100000\n")
      .with("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");

  EXPECT_EQ(finding(system, "cgroup cpu.max").verdict, Verdict::ok);
}

TEST(Limits, ADamagedFileIsNotJudged) {
  FakeSystem system;
  make_healthy(system);
  system.with(limits_path, "Max open files            many  few\n")
      .with("proc/sys/net/core/somaxconn", "lots\n")
      .with("proc/sys/net/ipv4/tcp_rmem", "4096 87380\n")
      .with("proc/sys/net/ipv4/ip_local_port_range", "60999 32768\n")
      .with("proc/self/cgroup", "4:cpu,cpuacct:/x\n");

  for (const char* name : {"nofile", "memlock", "net.core.somaxconn", "net.ipv4.tcp_rmem",
                           "net.ipv4.ip_local_port_range", "cgroup cpu.max"}) {
    EXPECT_EQ(finding(system, name).verdict, Verdict::cannot_tell) << name;
  }
}

TEST(Limits, ThisMachineCanBeExamined) {
  const auto findings = examine_limits(SystemFiles());

  for (const LimitFinding& limit : findings) {
    if (limit.name == "nofile" || limit.name == "kernel") {
      EXPECT_NE(limit.value, "unknown") << limit.name;
    }
  }
}

}  // namespace
}  // namespace weir::tools::doctor
