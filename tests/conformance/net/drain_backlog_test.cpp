// What a drain takes from the kernel's backlog: all that waited there when it began, and no end of
// what comes afterwards.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"

namespace weir {
namespace {

class DrainBacklogTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(DrainBacklogTest);

/// Connections that each lead to the next: whenever one is accepted, somebody waits already. Ends
/// by itself, so that a server that never stops accepting does.
struct Storm {
  static constexpr int connections_max = 500;

  void connect_next(const Address& server) {
    if (connections++ < connections_max) test::begin_connect(server).close();
  }

  int connections = 0;
};

/// Has one connection in a server that takes no more, so that others wait in the backlog.
Task<test::PeerSocket> fill(const Address* server, const std::size_t* accepted) {
  test::PeerSocket peer = test::begin_connect(*server);
  co_await test::until([accepted] { return *accepted == 1; });
  co_await test::some_turns(20);
  co_return peer;
}

/// The server calls the handler between two accepts; only its task runs later.
TEST_P(DrainBacklogTest, ADrainEndsThoughConnectionsKeepComing) {
  run_net([]() -> Task<void> {
    TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
    const Address address = listener.address();
    Storm storm;
    std::size_t accepted = 0;
    auto handler = [&storm, &accepted, &address](TcpStream stream) {
      accepted += 1;
      if (Shard::current().draining()) storm.connect_next(address);
      return test::echo(std::move(stream));
    };
    std::optional<Result<ServeStats>> stats;
    Scope serving;
    serving.spawn(test::serve_into(&listener, handler, {.connections_max = 1}, &stats));
    test::PeerSocket first = co_await fill(&address, &accepted);
    constexpr std::size_t waiting = 3;
    for (std::size_t index = 0; index < waiting; ++index) test::begin_connect(address).close();

    Runtime::current().drain();
    first.close();
    (void)co_await serving.join();

    EXPECT_EQ(accepted, 1 + waiting);
    EXPECT_EQ(stats->value().accepted, 1 + waiting);
    EXPECT_EQ(stats->value().ended, 1 + waiting);
  });
}

/// How far the server got ahead of what it started.
struct Progress {
  std::size_t accepted = 0;
  std::size_t begun = 0;
  std::size_t ahead_max = 0;
};

Task<Result<void>> count_and_echo(TcpStream stream, Progress* progress) {
  progress->begun += 1;
  co_return co_await test::echo(std::move(stream));
}

TEST_P(DrainBacklogTest, WhoWaitsIsServedAndNobodyElseIsHeldUp) {
  run_net([]() -> Task<void> {
    constexpr std::size_t peer_count = 300;
    constexpr std::size_t ahead_max = 64;
    TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
    const Address address = listener.address();
    Progress progress;
    auto handler = [&progress](TcpStream stream) {
      progress.accepted += 1;
      progress.ahead_max = std::max(progress.ahead_max, progress.accepted - progress.begun);
      return count_and_echo(std::move(stream), &progress);
    };
    std::optional<Result<ServeStats>> stats;
    Scope serving;
    serving.spawn(test::serve_into(&listener, handler, {.connections_max = 1}, &stats));
    std::vector<test::PeerSocket> peers;
    test::PeerSocket first = co_await fill(&address, &progress.accepted);
    peers.push_back(std::move(first));
    while (peers.size() < peer_count) {
      peers.push_back(test::begin_connect(address));
      EXPECT_EQ(peers.back().send("hello"), 5U);
    }

    Runtime::current().drain();
    co_await test::until([&progress] { return progress.begun == peer_count; });
    std::size_t answered = 0;
    for (test::PeerSocket& peer : peers) {
      std::size_t received = 0;
      while (!peer.at_end()) {
        received += peer.receive(64).size();
        co_await yield();
      }
      answered += received == 5 ? 1 : 0;
      peer.close();
    }
    (void)co_await serving.join();

    EXPECT_EQ(answered, peer_count - 1);
    EXPECT_EQ(stats->value().accepted, peer_count);
    EXPECT_LE(progress.ahead_max, ahead_max);
  });
}

/// Connects and resets as fast as it can.
void storm_from_outside(const std::stop_token& stop, const Address& server) {
  constexpr int connections_max = 2000;
  for (int count = 0; count < connections_max && !stop.stop_requested(); ++count) {
    test::begin_connect(server).reset();
  }
}

template <typename Listener>
Task<void> drain_in_a_storm(Listener listener) {
  const Address address = listener.address();
  std::optional<Result<ServeStats>> stats;
  Scope serving;
  serving.spawn(test::serve_into(&listener, test::echo<typename Listener::Stream>, {}, &stats));
  std::vector<std::jthread> storm;
  for (int index = 0; index < 2; ++index) storm.emplace_back(storm_from_outside, address);
  co_await test::some_turns(50);

  Runtime::current().drain();
  (void)co_await serving.join();
  storm.clear();

  EXPECT_TRUE(stats->has_value()) << stats->error().message();
  EXPECT_EQ(stats->value().ended, stats->value().accepted);
}

TEST_P(DrainBacklogTest, ADrainEndsOnEveryShardInAStormFromOutside) {
  run_net(options(3), []() -> Task<void> {
    return drain_in_a_storm(TcpListener::bind(Address::loopback(0)).value());
  });
}
TEST_P(DrainBacklogTest, AlsoOnAUnixSocketThatTheyShare) {
  run_net(options(3), []() -> Task<void> {
    const std::string name = "weir-storm-" + std::to_string(::getpid());
    const Address address = Address::from_unix_abstract(name).value();
    return drain_in_a_storm(UnixListener::bind(address).value());
  });
}

}  // namespace
}  // namespace weir
