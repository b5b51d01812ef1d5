#include "tools/weir/load/kernel/udp_socket_table.h"

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// Of a little-endian machine, as the kernel writes it there.
const std::string udp_table_head =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode ref pointer drops            \n";

std::string row(const std::string& local, const std::string& remote, const std::string& inode,
                const std::string& drops) {
  return "  299: " + local + " " + remote +
         " 07 00000000:00000000 00:00000000 00000000     0        0 " + inode +
         " 2 00000000f03cd43c " + drops + "        \n";
}

UdpSocketDrops sockets_of(const std::string& rows, const Address& address) {
  std::istringstream table(udp_table_head + rows);
  UdpSocketDrops drops;
  add_udp_sockets(table, address, drops);
  return drops;
}

TEST(UdpSocketTable, FindsWhoReceivesOnAnAddress) {
  const std::string rows = row("0100007F:2328", "00000000:0000", "11", "5") +
                           row("00000000:2328", "00000000:0000", "12", "6") +
                           row("0200007F:2328", "00000000:0000", "13", "7") +
                           row("0100007F:2329", "00000000:0000", "14", "8");

  EXPECT_THAT(sockets_of(rows, Address::loopback(9000)), ElementsAre(Pair(11, 5), Pair(12, 6)));
}

TEST(UdpSocketTable, PassesOverConnectedSockets) {
  EXPECT_THAT(sockets_of(row("0100007F:2328", "0100007F:9999", "11", "5"), Address::loopback(9000)),
              IsEmpty());
}

TEST(UdpSocketTable, ReadsIpv6) {
  const std::string none = "00000000000000000000000000000000:0000";
  const std::string rows = row("00000000000000000000000001000000:2328", none, "21", "1") +
                           row("00000000000000000000000000000000:2328", none, "22", "2") +
                           row("B80D0120000000000000000001000000:2328", none, "23", "3");

  EXPECT_THAT(sockets_of(rows, Address::loopback_ipv6(9000)),
              ElementsAre(Pair(21, 1), Pair(22, 2)));
  EXPECT_THAT(sockets_of(rows, Address::loopback(9000)), ElementsAre(Pair(22, 2)));
  EXPECT_THAT(sockets_of(rows, Address::parse("[2001:db8::1]:9000").value()),
              ElementsAre(Pair(22, 2), Pair(23, 3)));
}

TEST(UdpSocketTable, AnIpv4MappedAddressIsItsIpv4One) {
  const std::string none = "00000000000000000000000000000000:0000";
  const std::string rows = row("0000000000000000FFFF00000100007F:2328", none, "21", "1") +
                           row("0000000000000000FFFF000000000000:2328", none, "22", "2") +
                           row("0000000000000000FFFF00000200007F:2328", none, "23", "3") +
                           row("0100007F:2328", "00000000:0000", "24", "4") +
                           row("00000000:2328", "00000000:0000", "25", "5");

  for (const char* address : {"127.0.0.1:9000", "[::ffff:127.0.0.1]:9000"}) {
    EXPECT_THAT(sockets_of(rows, Address::parse(address).value()),
                ElementsAre(Pair(21, 1), Pair(22, 2), Pair(24, 4), Pair(25, 5)))
        << address;
  }
  // IPv4 sockets receive no IPv6.
  EXPECT_THAT(sockets_of(rows, Address::loopback_ipv6(9000)), IsEmpty());
}

TEST(UdpSocketTable, IgnoresLinesItDoesNotUnderstand) {
  EXPECT_THAT(sockets_of("\nx\n 1: 2: 3 4 5 6 7 8 9 10 11 12 13\n" +
                             row("0100007F", "00000000:0000", "11", "5") +
                             row("0100007F:23289", "00000000:0000", "12", "5"),
                         Address::loopback(9000)),
              IsEmpty());
}

TEST(UdpSocketTable, AddsUpWhatWasDroppedMeanwhile) {
  const UdpSocketDrops before = {{1, 10}, {2, 5}};
  const UdpSocketDrops after = {{1, 15}, {3, 4}};

  EXPECT_EQ(drops_between(before, after), 9U);
  EXPECT_EQ(drops_between({}, {}), 0U);
}

TEST(UdpSocketTable, HasNothingOfOtherHosts) {
  EXPECT_FALSE(read_udp_sockets(Address::parse("192.0.2.1:9").value()));
}

}  // namespace
}  // namespace weir::tools::load
