#include "tools/weir/load/kernel/listening_process.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/fake_system.h"

namespace weir::tools::load {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string tcp_table_head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";

std::string tcp_row(const std::string& local, const std::string& remote, const std::string& state,
                    const std::string& inode) {
  return "   0: " + local + " " + remote + " " + state +
         " 00000000:00000000 00:00000000 00000000     0        0 " + inode +
         " 1 000000002d530146 100 0 0 10 0\n";
}

SocketInodes unix_sockets(std::string_view table, const Address& address) {
  SocketInodes inodes;
  add_unix_sockets(table, address, inodes);
  return inodes;
}

TEST(ListeningSockets, OfTcpAreThoseWithoutAPeer) {
  FakeSystem system;
  system
      .with("proc/net/tcp", tcp_table_head + tcp_row("0100007F:2328", "00000000:0000", "0A", "11") +
                                tcp_row("0100007F:2328", "0100007F:9999", "01", "12") +
                                tcp_row("0100007F:9999", "0100007F:2328", "01", "13"))
      .with("proc/net/tcp6",
            tcp_table_head + tcp_row("00000000000000000000000000000000:2328",
                                     "00000000000000000000000000000000:0000", "0A", "21"))
      .with("proc/net/udp", tcp_table_head + tcp_row("0100007F:2328", "00000000:0000", "07", "31"));

  EXPECT_THAT(listening_sockets(system.files(), Address::loopback(9000), Transport::stream),
              ElementsAre(11, 21));
  EXPECT_THAT(listening_sockets(system.files(), Address::loopback(9000), Transport::datagram),
              ElementsAre(31));
  EXPECT_THAT(listening_sockets(system.files(), Address::loopback(9001), Transport::stream),
              IsEmpty());
  EXPECT_THAT(listening_sockets(system.files(), Address::parse("192.0.2.1:9000").value(),
                                Transport::stream),
              IsEmpty());
}

TEST(ListeningSockets, OfUnixGoByTheirName) {
  constexpr std::string_view table =
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "00000000d9947362: 00000002 00000000 00010000 0001 01 41 /run/echo\n"
      "00000000d9947363: 00000003 00000000 00000000 0001 03 42 /run/echo\n"
      "00000000d9947364: 00000002 00000000 00010000 0001 01 43 @echo\n"
      "00000000d9947365: 00000002 00000000 00010000 0001 01 44 /run/with a space\n"
      "00000000d9947366: 00000002 00000000 00010000 0001 01 45\n";

  EXPECT_THAT(unix_sockets(table, Address::parse("unix:/run/echo").value()), ElementsAre(41));
  EXPECT_THAT(unix_sockets(table, Address::parse("unix:@echo").value()), ElementsAre(43));
  EXPECT_THAT(unix_sockets(table, Address::from_unix_path("/run/with a space").value()),
              ElementsAre(44));
}

TEST(ListeningSockets, OfAnotherTextAreNone) {
  for (const char* table : {"", "\n\n", "Num", "1: 2 3 00010000 1 1 x /run/echo",
                            "1: 2 3 zz 1 1 5 /run/echo", "/run/echo"}) {
    EXPECT_THAT(unix_sockets(table, Address::parse("unix:/run/echo").value()), IsEmpty()) << table;
  }
  FakeSystem system;
  system.with("proc/net/tcp", "x\n 0: 0100007F:2328 \n" + std::string(100'000, 'x'));
  EXPECT_THAT(listening_sockets(system.files(), Address::loopback(9000), Transport::stream),
              IsEmpty());
}

TEST(ProcessesWith, FindsWhoHoldsASocket) {
  FakeSystem system;
  system.with_link("proc/812/fd/3", "socket:[11]")
      .with_link("proc/812/fd/4", "socket:[11]")
      .with_link("proc/1000/fd/0", "/dev/null")
      .with_link("proc/1000/fd/7", "socket:[11]")
      .with_link("proc/77/fd/3", "socket:[12]")
      .with_link("proc/78/fd/3", "socket:[")
      .with_link("proc/self/fd/3", "socket:[11]")
      .with("proc/99/stat", "");

  EXPECT_THAT(processes_with(system.files(), {11}), ElementsAre(812, 1000));
  EXPECT_THAT(processes_with(system.files(), {13}), IsEmpty());
  EXPECT_THAT(processes_with(system.files(), {}), IsEmpty());
  EXPECT_THAT(processes_with(SystemFiles("/nonexistent"), {11}), IsEmpty());
}

TEST(ProcessesWith, GoesNoFurtherThanItsLimits) {
  FakeSystem system;
  system.with_link("proc/1/fd/3", "socket:[11]").with_link("proc/2/fd/3", "socket:[11]");

  EXPECT_THAT(processes_with(system.files(), {11}, {.found = 1}), ElementsAre(1));
  EXPECT_THAT(processes_with(system.files(), {11}, {.processes = 1}).size(), 1U);
  EXPECT_THAT(processes_with(system.files(), {11}, {.descriptors = 1}), ElementsAre(1));
}

TEST(ProcessesWith, FindsAServerBehindAnIpv4MappedAddress) {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) GTEST_SKIP() << "no IPv6 here";
  const Address mapped = Address::parse("[::ffff:127.0.0.1]:0").value();
  const int off = 0;
  ASSERT_EQ(::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off), 0);
  ASSERT_EQ(::bind(fd, mapped.as_sockaddr(), mapped.sockaddr_length()), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  ::sockaddr_storage bound{};
  ::socklen_t length = sizeof bound;
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<::sockaddr*>(&bound), &length), 0);
  const Address address =
      Address::from_sockaddr(reinterpret_cast<::sockaddr*>(&bound), length).value();

  for (const Address& target : {address, Address::loopback(address.port())}) {
    const SocketInodes sockets = listening_sockets(SystemFiles(), target, Transport::stream);

    EXPECT_EQ(sockets.size(), 1U) << target.to_string();
    EXPECT_THAT(processes_with(SystemFiles(), sockets), Contains(::getpid()));
  }
  ::close(fd);
}

TEST(ProcessesWith, FindsThisOne) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const Address any = Address::loopback(0);
  ASSERT_EQ(::bind(fd, any.as_sockaddr(), any.sockaddr_length()), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  ::sockaddr_storage bound{};
  ::socklen_t length = sizeof bound;
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<::sockaddr*>(&bound), &length), 0);
  const Address address =
      Address::from_sockaddr(reinterpret_cast<::sockaddr*>(&bound), length).value();

  const SocketInodes sockets = listening_sockets(SystemFiles(), address, Transport::stream);
  const std::vector<int> processes = processes_with(SystemFiles(), sockets);

  EXPECT_EQ(sockets.size(), 1U);
  EXPECT_THAT(processes, Contains(::getpid()));
  ::close(fd);
}

}  // namespace
}  // namespace weir::tools::load
