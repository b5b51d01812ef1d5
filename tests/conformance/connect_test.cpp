// Connect operations, on each backend.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/support/ipv6.h"
#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

class ConnectTest : public ReactorTest {
 protected:
  [[nodiscard]] int make_socket(const Address& peer) {
    return ::socket(peer.socket_domain(), SOCK_STREAM | SOCK_CLOEXEC | reactor().socket_flags(), 0);
  }
  [[nodiscard]] static Address unique_abstract_address() {
    static int count = 0;
    return Address::from_unix_abstract("weir-connect-" + std::to_string(::getpid()) + "-" +
                                       std::to_string(count++))
        .value();
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, ConnectTest, each_backend(), backend_name);

TEST_P(ConnectTest, ConnectsToAListener) {
  for (const Address& address : {Address::loopback(0), unique_abstract_address()}) {
    SCOPED_TRACE(address.to_string());
    PeerListener listener(address);
    ReactorSocket socket(reactor(), make_socket(address));
    TestConnect connect(driver(), socket.descriptor(), listener.address());

    reactor().start(connect);
    ASSERT_TRUE(connect.finish());

    EXPECT_EQ(connect.result, 0);
    EXPECT_EQ(connect.runs, 1);
    PeerSocket accepted = listener.accept();
    accepted.send("hello");
    TestReceiveSource source(driver(), socket.descriptor());
    reactor().start(source);
    EXPECT_TRUE(driver().run_until([&] { return source.inbox == "hello"; }));
  }
}

TEST_P(ConnectTest, RefusalIsReported) {
  PeerListener listener;
  const Address address = listener.address();
  listener = PeerListener();  // nobody listens at `address` any more
  ReactorSocket socket(reactor(), make_socket(address));
  TestConnect connect(driver(), socket.descriptor(), address);

  reactor().start(connect);
  ASSERT_TRUE(connect.finish());

  EXPECT_EQ(connect.result, -ECONNREFUSED);
  EXPECT_EQ(connect.runs, 1);
}

TEST_P(ConnectTest, TheSocketCanBeUsedAgainAfterARefusal) {
  PeerListener gone;
  const Address nobody = gone.address();
  gone = PeerListener();
  PeerListener listener;
  ReactorSocket socket(reactor(), make_socket(nobody));
  TestConnect refused(driver(), socket.descriptor(), nobody);
  reactor().start(refused);
  ASSERT_TRUE(refused.finish());

  TestConnect connect(driver(), socket.descriptor(), listener.address());
  reactor().start(connect);
  ASSERT_TRUE(connect.finish());

  EXPECT_EQ(connect.result, 0);
}

TEST_P(ConnectTest, MissingUnixPathIsReported) {
  const Address nowhere = Address::from_unix_path("/nonexistent/weir.sock").value();
  ReactorSocket socket(reactor(), make_socket(nowhere));
  TestConnect connect(driver(), socket.descriptor(), nowhere);

  reactor().start(connect);
  ASSERT_TRUE(connect.finish());

  EXPECT_EQ(connect.result, -ENOENT);
}

TEST_P(ConnectTest, AddressOfAnotherFamilyIsReported) {
  WEIR_NEEDS_IPV6();
  ReactorSocket socket(reactor(), make_socket(Address::loopback_ipv6(1)));
  TestConnect connect(driver(), socket.descriptor(), unique_abstract_address());

  reactor().start(connect);
  ASSERT_TRUE(connect.finish());

  EXPECT_LT(connect.result, 0);
}

TEST_P(ConnectTest, ConnectInProgressCanBeCancelled) {
  PeerListener listener(Address::loopback(0), /*backlog=*/0);
  std::vector<PeerSocket> crowd;  // fills the backlog, so that further handshakes get no answer
  for (int i = 0; i < 4; ++i) crowd.push_back(begin_connect(listener.address()));
  ReactorSocket socket(reactor(), make_socket(listener.address()));
  TestConnect connect(driver(), socket.descriptor(), listener.address());
  reactor().start(connect);
  driver().turns(3);
  ASSERT_TRUE(connect.in_flight());

  reactor().cancel(connect);
  EXPECT_EQ(connect.runs, 0);
  ASSERT_TRUE(connect.finish());

  EXPECT_EQ(connect.result, -ECANCELED);
  EXPECT_EQ(connect.runs, 1);
}

TEST_P(ConnectTest, FullBacklogOfAUnixListenerIsWaitedFor) {
  PeerListener listener(unique_abstract_address(), /*backlog=*/0);
  const PeerSocket crowd = begin_connect(listener.address());
  ReactorSocket socket(reactor(), make_socket(listener.address()));
  TestConnect connect(driver(), socket.descriptor(), listener.address());
  reactor().start(connect);
  driver().turns(3);
  ASSERT_TRUE(connect.in_flight());

  const PeerSocket accepted = listener.accept();
  ASSERT_TRUE(connect.finish());

  EXPECT_EQ(connect.result, 0);
}

TEST_P(ConnectTest, WaitForTheBacklogCanBeCancelled) {
  PeerListener listener(unique_abstract_address(), /*backlog=*/0);
  const PeerSocket crowd = begin_connect(listener.address());
  ReactorSocket socket(reactor(), make_socket(listener.address()));
  TestConnect connect(driver(), socket.descriptor(), listener.address());
  reactor().start(connect);
  driver().turns(3);
  ASSERT_TRUE(connect.in_flight());

  reactor().cancel(connect);
  ASSERT_TRUE(connect.finish());

  EXPECT_EQ(connect.result, -ECANCELED);
}

}  // namespace
}  // namespace weir::test
