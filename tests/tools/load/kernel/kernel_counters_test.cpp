#include "tools/weir/load/kernel/kernel_counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/fake_system.h"

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::string_view snmp =
    "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
    "Tcp: RtoAlgorithm MaxConn RetransSegs InErrs\nTcp: 1 -1 33 4\n"
    "Udp: InDatagrams RcvbufErrors SndbufErrors\nUdp: 100 5 6\n";

TEST(KernelCounters, TakesThoseThatSayThatSomethingWasLost) {
  KernelCounters counters;

  add_counter_lines(snmp, counters);
  add_counter_lines("TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 8 2 3\n",
                    counters);

  EXPECT_THAT(counters,
              ElementsAre(Pair("Tcp.InErrs", 4), Pair("Tcp.RetransSegs", 33),
                          Pair("TcpExt.ListenDrops", 3), Pair("TcpExt.ListenOverflows", 2),
                          Pair("Udp.RcvbufErrors", 5), Pair("Udp.SndbufErrors", 6)));
}

TEST(KernelCounters, AddsThoseOfIpv6) {
  KernelCounters counters;

  add_counter_lines(snmp, counters);
  add_counters_of_ipv6("Ip6InReceives \t5\nUdp6RcvbufErrors      \t7\nUdpLite6RcvbufErrors 50\n",
                       counters);

  EXPECT_EQ(counters["Udp.RcvbufErrors"], 12U);
}

TEST(KernelCounters, AddsUpTheProcessors) {
  KernelCounters counters;

  add_softnet("1b2acb5d 0000000a 00000009 00000000\n19a40f88 00000010 00000007 00000000\n",
              counters);

  EXPECT_THAT(counters, ElementsAre(Pair("softnet.dropped", 26)));
}

TEST(KernelCounters, WhatIsNotUnderstoodIsLeftOut) {
  KernelCounters counters;

  for (const char* text : {"", "\n\n", "Tcp:", "Tcp: RetransSegs\n", "Tcp: RetransSegs\nUdp: 5\n",
                           "Tcp: RetransSegs\nTcp:\n", "Tcp: RetransSegs\nTcp: x\n", "Tcp\nTcp 5",
                           "Tcp: 5\nTcp: 5", "Tcp: RetransSegs\nTcp: 18446744073709551616\n"}) {
    add_counter_lines(text, counters);
  }
  for (const char* text : {"", "\n", "1b2acb5d", "1 xyz", "1 ffffffffffffffffff", "1 -1"}) {
    add_softnet(text, counters);
  }
  add_counters_of_ipv6("Udp6\nUdp6RcvbufErrors\nUdp6RcvbufErrors x\n", counters);

  EXPECT_THAT(counters, IsEmpty());
}

TEST(KernelCounters, FindsThePairAfterALineThatBelongsToNone) {
  KernelCounters counters;

  add_counter_lines("Udp: RcvbufErrors\nTcp: RetransSegs\nTcp: 5\n", counters);

  EXPECT_THAT(counters, ElementsAre(Pair("Tcp.RetransSegs", 5)));
}

TEST(KernelCounters, TellsWhatGrew) {
  const auto changes =
      changes_between({{"a", 1}, {"b", 2}, {"c", 9}}, {{"a", 4}, {"b", 2}, {"c", 8}});

  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].name, "a");
  EXPECT_EQ(changes[0].change, 3U);
  EXPECT_THAT(changes_between({}, {{"new", 5}}), IsEmpty());
}

TEST(KernelCounters, AreReadFromWhatFilesThereAre) {
  FakeSystem system;
  system.with("proc/net/snmp", snmp).with("proc/net/softnet_stat", "1 2 3\n");

  EXPECT_EQ(read_kernel_counters(system.files())["softnet.dropped"], 2U);
  EXPECT_EQ(read_kernel_counters(system.files())["Tcp.RetransSegs"], 33U);
  EXPECT_THAT(read_kernel_counters(SystemFiles("/nonexistent")), IsEmpty());
}

TEST(KernelCounters, OfThisHostAreThere) {
  const SystemFiles files;
  if (!files.read("proc/net/snmp")) GTEST_SKIP() << "/proc/net/snmp cannot be read";

  EXPECT_TRUE(read_kernel_counters(files).contains("Udp.RcvbufErrors"));
}

}  // namespace
}  // namespace weir::tools::load
