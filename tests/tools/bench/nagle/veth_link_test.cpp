#include "tools/weir/bench/nagle/veth_link.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/delay_relay/file_descriptor.h"

namespace weir::tools::bench {
namespace {

using delay_relay::FileDescriptor;
using delay_relay::NetworkNamespace;
using delay_relay::OrProblem;

/// What is sent to all on the link needs no neighbour to answer first.
sockaddr_in everyone() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(4000);               // of namespaces that nobody else is in
  address.sin_addr.s_addr = htonl(0xC6120003);  // 198.18.0.3
  return address;
}

/// An end of the link that hears what is sent to all.
FileDescriptor listen_in(const NetworkNamespace& home) {
  FileDescriptor socket(-1);
  const OrProblem<void> made = home.run([&]() -> OrProblem<void> {
    socket = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    const sockaddr_in address = everyone();
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      return {};
    }
    return delay_relay::failed("cannot bind");
  });
  EXPECT_TRUE(made) << made.error().to_string();
  return socket;
}

void send_to_all(const FileDescriptor& socket) {
  const sockaddr_in address = everyone();
  EXPECT_EQ(::sendto(socket.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&address),
                     sizeof address),
            1);
}

/// A sender hears itself too.
int heard_by(const FileDescriptor& socket, int expected) {
  int count = 0;
  char byte = 0;
  while (count < expected) {
    pollfd waiting{.fd = socket.get(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, 2000);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    if (::recv(socket.get(), &byte, 1, 0) == 1) ++count;
  }
  return count;
}

TEST(VethLink, CarriesWhatEitherEndSendsFirst) {
  for (int round = 0; round < 20; ++round) {
    const auto link = VethLink::make(1500);
    if (!link) {
      ASSERT_THAT(link.error().why.value(),
                  testing::AnyOf(EPERM, EACCES, ENOENT, ENODEV, ENOSYS, ENOSPC, EOPNOTSUPP))
          << link.error().to_string();
      GTEST_SKIP() << link.error().to_string() << ": needs root, and a kernel with veth";
    }
    const FileDescriptor client = listen_in(link->client());
    const FileDescriptor server = listen_in(link->server());

    send_to_all(client);
    send_to_all(server);

    ASSERT_EQ(heard_by(client, 2), 2) << "round " << round;
    ASSERT_EQ(heard_by(server, 2), 2) << "round " << round;
  }
}

}  // namespace
}  // namespace weir::tools::bench
