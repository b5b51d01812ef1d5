// accept(2) may tell what happened to a connection before anybody took it. Such an error costs that
// connection, neither the listener nor those behind it, in a drain as before it.
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include <gtest/gtest.h>

#include "net/listener_state.h"
#include "net/socket.h"
#include "tests/support/net_fixture.h"

namespace {

/// How many connections this thread's next accepts find broken, and by what.
thread_local int broken_connections = 0;
thread_local int broken_by = 0;

}  // namespace

// The library's calls come here as well; no peer on loopback can cause these errors. io_uring
// accepts without it, except in a drain.
extern "C" int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  const int accepted = static_cast<int>(::syscall(SYS_accept4, fd, address, length, flags));
  if (accepted < 0 || broken_connections == 0) return accepted;
  --broken_connections;
  ::close(accepted);
  errno = broken_by;
  return -1;
}

namespace weir {
namespace {

class ListenerAcceptErrorTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(ListenerAcceptErrorTest);

constexpr std::array connection_errors = {ECONNABORTED, ENETDOWN,   EPROTO,
                                          ENOPROTOOPT,  EHOSTDOWN,  ENONET,
                                          EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH};

detail::ListenerState* make_tcp_listener(Address* address) {
  *address = Address::loopback(0);
  auto socket = detail::make_listening_socket(*address, {.backlog = 16}, false);
  *address = detail::local_address_of(socket->get()).value();
  return new detail::ListenerState(socket->release());
}

Task<void> expect_next_is_accepted(detail::ListenerState* listener) {
  const Result<int> accepted = co_await listener->accept();
  EXPECT_TRUE(accepted.has_value()) << accepted.error().message();
  if (accepted) ::close(*accepted);
}

TEST_P(ListenerAcceptErrorTest, ADrainTakesThoseBehindABrokenConnectionAndNobodyElse) {
  run_net([]() -> Task<void> {
    std::vector<detail::ListenerState*> listeners;
    std::vector<test::PeerSocket> peers;
    std::vector<Address> addresses;
    for (std::size_t index = 0; index < connection_errors.size(); ++index) {
      listeners.push_back(make_tcp_listener(&addresses.emplace_back()));
      for (int count = 0; count < 3; ++count) {
        peers.push_back(test::begin_connect(addresses.back()));
      }
    }
    Runtime::current().drain();
    co_await test::some_turns(5);

    for (std::size_t index = 0; index < connection_errors.size(); ++index) {
      SCOPED_TRACE(connection_errors[index]);
      peers.push_back(test::begin_connect(addresses[index]));  // too late
      broken_by = connection_errors[index];
      broken_connections = 2;

      co_await expect_next_is_accepted(listeners[index]);
      EXPECT_EQ(broken_connections, 0);
      const Result<int> none = co_await listeners[index]->accept();
      EXPECT_EQ(none.error(), Error::shutting_down);
      listeners[index]->close();
    }
  });
}

TEST_P(ListenerAcceptErrorTest, ABrokenConnectionDoesNotEndTheListener) {
  run_net([]() -> Task<void> {
    for (const int error : connection_errors) {
      SCOPED_TRACE(error);
      Address address;
      detail::ListenerState* const listener = make_tcp_listener(&address);
      const test::PeerSocket broken = test::begin_connect(address);
      const test::PeerSocket behind = test::begin_connect(address);
      broken_by = error;
      broken_connections = 1;

      co_await expect_next_is_accepted(listener);
      broken_connections = 0;  // io_uring had none
      listener->close();
    }
  });
}

}  // namespace
}  // namespace weir
