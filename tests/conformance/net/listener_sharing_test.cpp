// A Unix listener is one socket that every shard accepts from through a duplicate: what one shard
// does to its own must not reach the others.
#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/listener_state.h"
#include "net/socket.h"
#include "tests/support/net_fixture.h"
#include "weir/core/call.h"

namespace weir {
namespace {

class ListenerSharingTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(ListenerSharingTest);

Address fresh_address() {
  static int count = 0;
  const std::string name =
      "weir-sharing-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  return Address::from_unix_abstract(name).value();
}

bool is_nonblocking(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }

/// One shard's listener, and a second descriptor of the same socket, as another shard has it.
struct Shared {
  detail::ListenerState* listener;
  reactor::OwnedFd other;
};

Shared make_shared_listener(const Address& address) {
  auto socket = detail::make_listening_socket(address, {.backlog = 16}, false);
  reactor::OwnedFd other(::fcntl(socket->get(), F_DUPFD_CLOEXEC, 0));
  return {new detail::ListenerState(socket->release()), std::move(other)};
}

TEST_P(ListenerSharingTest, ADrainLeavesTheModeOfTheSharedSocket) {
  run_net([]() -> Task<void> {
    Shared shared = make_shared_listener(fresh_address());
    const bool before = is_nonblocking(shared.other.get());

    Runtime::current().drain();
    const Result<int> none = co_await shared.listener->accept();

    EXPECT_EQ(none.error(), Error::shutting_down);
    EXPECT_EQ(is_nonblocking(shared.other.get()), before);
    shared.listener->close();
  });
}

TEST_P(ListenerSharingTest, RefusingDoesNotWaitForAConnection) {
  run_net([]() -> Task<void> {
    const Address address = fresh_address();
    Shared shared = make_shared_listener(address);
    EXPECT_FALSE(shared.listener->refuse_one());

    test::PeerSocket peer = test::begin_connect(address);
    EXPECT_TRUE(shared.listener->refuse_one());
    EXPECT_TRUE(peer.receive().empty());
    EXPECT_TRUE(peer.at_end());
    EXPECT_FALSE(shared.listener->refuse_one());

    shared.listener->close();
    co_return;
  });
}

TEST_P(ListenerSharingTest, TwoThatRefuseAtOnceLeaveTheModeOfTheSharedSocket) {
  run_net(options(2), []() -> Task<void> {
    Shared shared = make_shared_listener(fresh_address());
    const bool before = is_nonblocking(shared.other.get());
    const auto refuse_often = [](detail::ListenerState* listener) {
      for (int round = 0; round < 5000; ++round) EXPECT_FALSE(listener->refuse_one());
    };
    const int duplicate = ::fcntl(shared.other.get(), F_DUPFD_CLOEXEC, 0);
    auto elsewhere = [duplicate, refuse_often] {
      auto* const listener = new detail::ListenerState(duplicate);
      refuse_often(listener);
      listener->close();
    };
    auto remote = [](Shard* shard, decltype(elsewhere)* function) -> Task<void> {
      co_await call(*shard, *function);
    };
    Scope scope;
    scope.spawn(remote(&Runtime::current().shard(1), &elsewhere));
    co_await yield();

    refuse_often(shared.listener);
    (void)co_await scope.join();

    EXPECT_EQ(is_nonblocking(shared.other.get()), before);
    shared.listener->close();
  });
}

/// Connections come and go on three shards while one of them refuses all the time.
TEST_P(ListenerSharingTest, ADrainServesWhatHadConnectedOnEveryShard) {
  for (int repetition = 0; repetition < 10; ++repetition) {
    run_net(options(3), []() -> Task<void> {
      UnixListener listener = UnixListener::bind(fresh_address()).value();
      std::vector<test::PeerSocket> peers;
      for (int index = 0; index < 30; ++index) {
        peers.push_back(test::begin_connect(listener.address()));
        EXPECT_EQ(peers.back().send("hello"), 5U);
        peers.back().shutdown_write();
      }
      std::optional<Result<ServeStats>> stats;
      Scope scope;
      scope.spawn(test::serve_into(&listener, test::echo<UnixStream>, {}, &stats));

      Runtime::current().drain();
      std::size_t answered = 0;
      for (test::PeerSocket& peer : peers) {
        std::size_t received = 0;
        while (!peer.at_end()) {
          received += peer.receive().size();
          co_await yield();
        }
        answered += received == 5 ? 1 : 0;
      }
      (void)co_await scope.join();

      EXPECT_EQ(answered, peers.size());
      EXPECT_EQ(stats->value().accepted, peers.size());
    });
  }
}

}  // namespace
}  // namespace weir
