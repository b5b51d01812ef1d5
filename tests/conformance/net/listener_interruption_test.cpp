// A signal interrupts the look whether somebody waits to be accepted: that is not an answer. On
// io_uring the socket blocks, so to accept without one would wait for the next connection.
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string>

#include <gtest/gtest.h>

#include "net/listener_state.h"
#include "net/socket.h"
#include "tests/support/net_fixture.h"

namespace {

/// How many of this thread's next calls of poll a signal interrupts.
thread_local int interruptions = 0;

}  // namespace

// The library's calls come here as well: a real signal would have to arrive within the call.
extern "C" int poll(pollfd* entries, nfds_t count, int timeout_ms) {
  if (interruptions > 0) {
    --interruptions;
    errno = EINTR;
    return -1;
  }
  const timespec timeout{.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1'000'000L};
  return ::ppoll(entries, count, timeout_ms < 0 ? nullptr : &timeout, nullptr);
}

namespace weir {
namespace {

class ListenerInterruptionTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(ListenerInterruptionTest);

detail::ListenerState* make_unix_listener(Address* address) {
  auto socket = detail::make_listening_socket(*address, {.backlog = 16}, false);
  *address = detail::local_address_of(socket->get()).value();
  return new detail::ListenerState(socket->release());
}

Address unix_address() {
  return Address::from_unix_abstract("weir-interruption-" + std::to_string(::getpid())).value();
}

// Of a Unix socket a drain does not know that nobody waits, so it looks.
TEST_P(ListenerInterruptionTest, ADrainingAcceptLooksAgain) {
  run_net([]() -> Task<void> {
    Address address = unix_address();
    detail::ListenerState* const listener = make_unix_listener(&address);
    Runtime::current().drain();
    co_await test::some_turns(5);
    interruptions = 3;

    const Result<int> none = co_await listener->accept();

    EXPECT_EQ(none.error(), Error::shutting_down);
    EXPECT_EQ(interruptions, 0);
    listener->close();
  });
}

TEST_P(ListenerInterruptionTest, ADrainingAcceptTakesWhoWaits) {
  run_net([]() -> Task<void> {
    Address address = Address::loopback(0);
    detail::ListenerState* const listener = make_unix_listener(&address);
    const test::PeerSocket peer = test::begin_connect(address);
    Runtime::current().drain();
    co_await test::some_turns(5);
    interruptions = 3;

    const Result<int> accepted = co_await listener->accept();

    EXPECT_TRUE(accepted.has_value()) << accepted.error().message();
    EXPECT_EQ(interruptions, 0);
    if (accepted) ::close(*accepted);
    listener->close();
  });
}

TEST_P(ListenerInterruptionTest, RefusingFindsNobodyWhereNobodyIs) {
  run_net([]() -> Task<void> {
    Address address = Address::loopback(0);
    detail::ListenerState* const listener = make_unix_listener(&address);
    interruptions = 3;

    EXPECT_FALSE(listener->refuse_one());

    EXPECT_EQ(interruptions, 0);
    listener->close();
    co_return;
  });
}

TEST_P(ListenerInterruptionTest, RefusingFindsWhoWaits) {
  run_net([]() -> Task<void> {
    Address address = Address::loopback(0);
    detail::ListenerState* const listener = make_unix_listener(&address);
    test::PeerSocket peer = test::begin_connect(address);
    interruptions = 3;

    EXPECT_TRUE(listener->refuse_one());

    EXPECT_TRUE(peer.receive().empty());
    EXPECT_TRUE(peer.at_end());
    listener->close();
    co_return;
  });
}

}  // namespace
}  // namespace weir
