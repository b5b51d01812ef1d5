// Connecting and listening: the ways in which they fail.
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"

namespace weir {
namespace {

class ConnectTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(ConnectTest);

TEST_P(ConnectTest, APortInUseIsAnError) {
  run_net([]() -> Task<void> {
    const test::PeerListener taken;

    const Result<TcpListener> listener = TcpListener::bind(taken.address());

    EXPECT_EQ(listener.error(), from_errno(EADDRINUSE));
    co_return;
  });
}

TEST_P(ConnectTest, AnAddressOfTheWrongKindIsAnError) {
  run_net([]() -> Task<void> {
    const Address path = Address::from_unix_abstract("weir-test").value();
    EXPECT_EQ(TcpListener::bind(path).error(), Error::address_invalid);
    EXPECT_EQ(UnixListener::bind(Address::loopback(0)).error(), Error::address_invalid);
    const Result<TcpStream> tcp = co_await connect(path);
    EXPECT_EQ(tcp.error(), Error::address_invalid);
    const Result<UnixStream> unix_stream = co_await connect_unix(Address());
    EXPECT_EQ(unix_stream.error(), Error::address_invalid);
    const Address elsewhere = Address::ipv4({192, 0, 2, 1}, 0);
    EXPECT_EQ(TcpListener::bind(elsewhere).error(), from_errno(EADDRNOTAVAIL));
  });
}

TEST_P(ConnectTest, WhereNobodyListensIsRefused) {
  run_net([]() -> Task<void> {
    const Address address = test::PeerListener().address();

    const Result<TcpStream> stream = co_await connect(address);

    EXPECT_EQ(stream.error(), from_errno(ECONNREFUSED));
  });
}

TEST_P(ConnectTest, AnUnreachableAddressIsAnError) {
  run_net([]() -> Task<void> {
    const Address broadcast = Address::ipv4({255, 255, 255, 255}, 9);

    const Result<TcpStream> stream = co_await connect(broadcast);

    EXPECT_EQ(stream.error(), from_errno(ENETUNREACH));
  });
}

TEST_P(ConnectTest, TheDeadlineEndsAConnectThatNobodyAnswers) {
  run_net([]() -> Task<void> {
    const test::PeerListener listener(Address::loopback(0), 0);
    std::vector<test::PeerSocket> filling;
    for (int index = 0; index < 4; ++index) {
      filling.push_back(test::begin_connect(listener.address()));
    }
    const ConnectOptions options{.timeout = std::chrono::milliseconds(50)};
    const std::size_t before = test::open_descriptor_count();

    const Result<TcpStream> stream = co_await connect(listener.address(), options);

    EXPECT_EQ(stream.error(), Error::deadline_exceeded);
    EXPECT_EQ(test::open_descriptor_count(), before);
  });
}

TEST_P(ConnectTest, AConnectionGoesToTheAcceptAfterACancelledOne) {
  run_net([]() -> Task<void> {
    TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
    for (int round = 0; round < 50; ++round) {
      const auto timeout = std::chrono::microseconds(round * 5);
      Result<TcpStream> none = co_await with_timeout(timeout, listener.accept());
      EXPECT_EQ(none.error(), Error::deadline_exceeded);
      TcpStream client = (co_await connect(listener.address())).value();
      Result<TcpStream> accepted = co_await with_timeout(timeout, listener.accept());
      if (!accepted) accepted = co_await listener.accept();
      EXPECT_EQ(accepted->peer_address().value(), client.local_address().value());
      EXPECT_EQ(accepted->local_address().value(), client.peer_address().value());
    }
  });
}

}  // namespace
}  // namespace weir
