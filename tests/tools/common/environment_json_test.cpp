#include "tools/weir/common/environment_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/support/fake_system.h"
#include "tools/weir/common/build_commit.h"
#include "tools/weir/common/version.h"

namespace weir::tools {
namespace {

TEST(EnvironmentJson, HasWhatTheKernelSays) {
  FakeSystem system;
  system.with("proc/cmdline", "ro quiet mitigations=off\n")
      .with("proc/cpuinfo", "model name\t: Example\ncpu family\t: 25\nstepping\t: 1\n")
      .with("proc/meminfo", "MemTotal:       1024 kB\n")
      .with("proc/sys/net/core/somaxconn", "4096\n")
      .with("proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n")
      .with("proc/sys/net/core/wmem_default", "212992\n")
      .with("sys/fs/cgroup/cpuset.cpus.effective", "0-1\n")
      .with("sys/class/net/lo/mtu", "65536\n")
      .with("sys/devices/system/cpu/vulnerabilities/meltdown", "Mitigation: PTI\n")
      .with("sys/devices/system/cpu/cpu0/cache/index0/level", "1\n")
      .with("sys/devices/system/cpu/cpu0/cache/index0/type", "Data\n")
      .with("sys/devices/system/cpu/cpu0/cache/index0/size", "32K\n");

  const Json json = environment_json(system.files());

  EXPECT_EQ(json.at("kernel_command_line"), "ro quiet mitigations=off");
  EXPECT_EQ(json.at("cpu family"), "25");
  EXPECT_EQ(json.at("memory"), "1024 kB");
  EXPECT_EQ(json.at("sysctl").at("net.core.somaxconn"), "4096");
  EXPECT_EQ(json.at("sysctl").at("net.ipv4.tcp_rmem"), "4096\t131072\t6291456");
  EXPECT_EQ(json.at("mitigations").at("meltdown"), "Mitigation: PTI");
  EXPECT_EQ(json.at("sysctl").at("net.core.wmem_default"), "212992");
  EXPECT_EQ(json.at("cgroup_cpuset"), "0-1");
  EXPECT_EQ(json.at("loopback_mtu"), "65536");
  EXPECT_EQ(json.at("caches"), Json::array({"L1 Data 32K"}));
  EXPECT_EQ(json.at("compiler"), compiler());
  EXPECT_EQ(json.at("compiler_flags"), build_flags());
  EXPECT_TRUE(json.at("libraries").contains("liburing"));
  EXPECT_EQ(json.at("commit"), build_commit());
}

TEST(EnvironmentJson, WhatCannotBeReadIsLeftOut) {
  const FakeSystem system;

  const Json json = environment_json(system.files());

  EXPECT_FALSE(json.contains("kernel_command_line"));
  EXPECT_TRUE(json.at("sysctl").empty());
  EXPECT_TRUE(json.at("mitigations").empty());
}

}  // namespace
}  // namespace weir::tools
