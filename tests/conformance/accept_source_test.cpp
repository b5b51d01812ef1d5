// Accept sources, on each backend.
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

class AcceptSourceTest : public ReactorTest {
 protected:
  /// A listening socket of the reactor under test.
  struct Listener {
    explicit Listener(reactor::Reactor& reactor)
        : raw(Address::loopback(0), 4096, reactor.socket_flags()), socket(reactor, raw.release()) {}
    PeerListener raw;
    ReactorSocket socket;
  };

  /// Takes over what a source accepted.
  static std::vector<PeerSocket> take(TestAcceptSource& source) {
    std::vector<PeerSocket> sockets;
    for (const int fd : source.accepted) sockets.emplace_back(fd);
    source.accepted.clear();
    return sockets;
  }

  static std::vector<PeerSocket> connect_many(const Address& address, int count) {
    std::vector<PeerSocket> peers;
    for (; count > 0; --count) peers.push_back(begin_connect(address));
    return peers;
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, AcceptSourceTest, each_backend(), backend_name);

/// Lets this process open no more than `count` further descriptors.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(std::size_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    // The limit is on numbers, so the lowest free ones have to be counted.
    rlimit limit = before_;
    limit.rlim_cur = 0;
    for (std::size_t free = 0; free <= count; ++limit.rlim_cur) {
      if (::fcntl(static_cast<int>(limit.rlim_cur), F_GETFD) < 0) ++free;
    }
    --limit.rlim_cur;
    WEIR_ASSERT(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_P(AcceptSourceTest, AcceptsConnectionsFromBeforeAndAfterTheStart) {
  Listener listener(reactor());
  TestAcceptSource source(driver(), listener.socket.descriptor());
  auto peers = connect_many(listener.raw.address(), 3);

  reactor().start(source);
  ASSERT_TRUE(driver().run_until([&] { return source.accepted.size() == 3; }));
  auto later = connect_many(listener.raw.address(), 2);
  ASSERT_TRUE(driver().run_until([&] { return source.accepted.size() == 5; }));

  EXPECT_TRUE(source.in_flight());
  auto accepted = take(source);
  accepted[0].send("hello");
  EXPECT_EQ(as_text(peers[0].receive()), "hello");
}

TEST_P(AcceptSourceTest, AcceptedDescriptorsAreClosedOnExec) {
  Listener listener(reactor());
  TestAcceptSource source(driver(), listener.socket.descriptor());
  const auto peers = connect_many(listener.raw.address(), 1);

  reactor().start(source);
  ASSERT_TRUE(driver().run_until([&] { return source.accepted.size() == 1; }));

  EXPECT_EQ(::fcntl(source.accepted[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  take(source);
}

TEST_P(AcceptSourceTest, CrowdLargerThanATurnsBudgetIsAcceptedWhole) {
  Listener listener(reactor());
  TestAcceptSource source(driver(), listener.socket.descriptor());
  source.accepted_max = 1000;
  const auto peers = connect_many(listener.raw.address(), 300);

  reactor().start(source);
  ASSERT_TRUE(driver().run_until([&] { return source.accepted.size() == 300; }));

  EXPECT_TRUE(source.in_flight());
  take(source);
}

TEST_P(AcceptSourceTest, FullSourceEndsAndARestartGoesOn) {
  Listener listener(reactor());
  TestAcceptSource source(driver(), listener.socket.descriptor());
  source.accepted_max = 4;
  const auto peers = connect_many(listener.raw.address(), 20);
  std::size_t accepted = 0;

  reactor().start(source);
  ASSERT_TRUE(driver().run_until([&] {
    if (source.in_flight() || source.queued()) return false;
    EXPECT_EQ(source.result, 0);
    EXPECT_GE(source.accepted.size(), 4U);
    accepted += take(source).size();
    if (accepted == peers.size()) return true;
    reactor().start(source);
    return false;
  }));
}

TEST_P(AcceptSourceTest, StoppedSourceLeavesConnectionsToTheNextStart) {
  Listener listener(reactor());
  TestAcceptSource source(driver(), listener.socket.descriptor());
  reactor().start(source);
  driver().turns(2);

  reactor().cancel(source);
  ASSERT_TRUE(source.finish());
  EXPECT_EQ(source.result, 0);
  const auto peers = connect_many(listener.raw.address(), 3);
  driver().turns(3);
  EXPECT_EQ(source.accepted.size(), 0U);
  reactor().start(source);
  ASSERT_TRUE(driver().run_until([&] { return source.accepted.size() == 3; }));

  take(source);
}

TEST_P(AcceptSourceTest, StopsAndStartsLoseNoConnection) {
  Listener listener(reactor());
  TestAcceptSource source(driver(), listener.socket.descriptor());
  std::vector<PeerSocket> peers;
  std::size_t accepted = 0;

  reactor().start(source);
  ASSERT_TRUE(driver().run_until([&] {
    if (peers.size() < 200) peers.push_back(begin_connect(listener.raw.address()));
    reactor().cancel(source);
    accepted += take(source).size();
    if (!source.in_flight() && !source.queued()) reactor().start(source);
    return accepted == 200;
  }));
}

TEST_P(AcceptSourceTest, WantOfDescriptorsEndsItAndARestartRecovers) {
  Listener listener(reactor());
  TestAcceptSource source(driver(), listener.socket.descriptor());
  const auto peers = connect_many(listener.raw.address(), 5);
  {
    const DescriptorLimit limit(2);

    reactor().start(source);
    ASSERT_TRUE(source.finish());

    EXPECT_EQ(source.result, -EMFILE);
    EXPECT_LE(source.accepted.size(), 2U);
    reactor().start(source);
    ASSERT_TRUE(source.finish());
    EXPECT_EQ(source.result, -EMFILE);
  }
  reactor().start(source);
  ASSERT_TRUE(driver().run_until([&] { return source.accepted.size() == 5; }));

  take(source);
}

TEST_P(AcceptSourceTest, ConnectionResetBeforeItWasAcceptedIsNoError) {
  Listener listener(reactor());
  TestAcceptSource source(driver(), listener.socket.descriptor());
  auto peers = connect_many(listener.raw.address(), 2);
  peers[0].reset();

  reactor().start(source);
  // Linux hands out the reset connection as well; others may not.
  ASSERT_TRUE(driver().run_until([&] { return !source.accepted.empty(); }));
  driver().turns(3);

  EXPECT_TRUE(source.in_flight());
  take(source);
}

TEST_P(AcceptSourceTest, SocketThatDoesNotListenIsReported) {
  const int type = SOCK_STREAM | SOCK_CLOEXEC | reactor().socket_flags();
  ReactorSocket socket(reactor(), ::socket(AF_INET, type, 0));
  TestAcceptSource source(driver(), socket.descriptor());

  reactor().start(source);
  ASSERT_TRUE(source.finish());

  EXPECT_EQ(source.result, -EINVAL);
}

}  // namespace
}  // namespace weir::test
