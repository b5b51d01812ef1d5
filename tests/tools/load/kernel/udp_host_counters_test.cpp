#include "tools/weir/load/kernel/udp_host_counters.h"

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

constexpr std::string_view udp_snmp =
    "Icmp: InMsgs InErrors\n"
    "Icmp: 9 9\n"
    "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors "
    "IgnoredMulti MemErrors\n"
    "Udp: 100 2 30 400 25 6 5 77 1\n"
    "UdpLite: InDatagrams NoPorts\n"
    "UdpLite: 8 8\n";

TEST(UdpHostCounters, ReadsTheLinesOfUdp) {
  UdpHostCounters counters;

  add_snmp(udp_snmp, counters);

  EXPECT_EQ(counters, (UdpHostCounters{.in_datagrams = 100,
                                       .out_datagrams = 400,
                                       .no_ports = 2,
                                       .in_errors = 30,
                                       .rcvbuf_errors = 25,
                                       .sndbuf_errors = 6,
                                       .in_csum_errors = 5,
                                       .mem_errors = 1}));
}

TEST(UdpHostCounters, AddsThoseOfIpv6) {
  UdpHostCounters counters;

  add_snmp(udp_snmp, counters);
  add_snmp6(
      "Ip6InReceives \t5\nUdp6InErrors                    \t7\nUdp6RcvbufErrors\t3\n"
      "UdpLite6InErrors 50\n",
      counters);

  EXPECT_EQ(counters.in_errors, 37U);
  EXPECT_EQ(counters.rcvbuf_errors, 28U);
  EXPECT_EQ(counters.in_datagrams, 100U);
}

TEST(UdpHostCounters, LeavesWhatAnOlderKernelDoesNotHave) {
  UdpHostCounters counters;

  add_snmp("Udp: InDatagrams NoPorts\nUdp: 3 4\n", counters);
  add_snmp("Udp: InDatagrams\n", counters);
  add_snmp("", counters);

  EXPECT_EQ(counters, (UdpHostCounters{.in_datagrams = 3, .no_ports = 4}));
}

TEST(UdpHostCounters, SaysWhatHappenedSince) {
  const UdpHostCounters before{.in_datagrams = 10, .in_errors = 1};
  const UdpHostCounters after{.in_datagrams = 15, .in_errors = 4};

  EXPECT_EQ(after.since(before), (UdpHostCounters{.in_datagrams = 5, .in_errors = 3}));
}

TEST(UdpHostCounters, OfThisHostNeverGoBack) {
  const auto before = read_udp_host_counters(SystemFiles());
  const auto after = read_udp_host_counters(SystemFiles());
  if (!before || !after) GTEST_SKIP() << "/proc/net/snmp cannot be read";

  EXPECT_GE(after->in_datagrams, before->in_datagrams);
  EXPECT_GE(after->in_errors, before->in_errors);
}

}  // namespace
}  // namespace weir::tools::load
