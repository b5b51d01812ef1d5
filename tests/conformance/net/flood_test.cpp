// A peer that floods: the others on its shard are served all the same.
#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"

namespace weir {
namespace {

class FloodTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(FloodTest);

constexpr std::size_t players = 8;
constexpr int rounds = 100;
/// A round trip takes four turns where client and server share the shard: each side's send leaves
/// at a turn's end, and arrives in the poll after it. Twice that, for what a kernel delays.
constexpr std::uint64_t turns_per_round_max = 8;

/// io_uring's ring of buffers stays inside the second-level cache; epoll has a budget of 256 KiB.
constexpr std::size_t delivery_bytes_max = std::size_t{1} << 20;

/// Sends without end from a thread of its own, until the connection is reset.
class Flooder {
 public:
  explicit Flooder(int fd) : thread_([this, fd] { flood(fd); }) {}
  Flooder(const Flooder&) = delete;
  Flooder& operator=(const Flooder&) = delete;
  ~Flooder() { thread_.join(); }

  [[nodiscard]] bool ended() const { return ended_.load(); }

 private:
  void flood(int fd) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    const std::vector<std::byte> block(std::size_t{1} << 20);
    while (::send(fd, block.data(), block.size(), MSG_NOSIGNAL) > 0) {
    }
    ended_ = true;
  }

  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

/// What was received of the flood.
struct Flood {
  std::uint64_t bytes = 0;
  std::size_t largest_read = 0;
};

Task<void> swallow(TcpStream* stream, Flood* flood) {
  for (;;) {
    const Result<Chain> bytes = co_await stream->read();
    if (!bytes || bytes->empty()) co_return;
    flood->bytes += bytes->size();
    flood->largest_read = std::max(flood->largest_read, bytes->size());
  }
}

Task<void> play(test::TcpPair* pair, std::size_t* finished) {
  for (int round = 0; round < rounds; ++round) {
    const WriteResult asked = co_await pair->theirs.write("ping");
    EXPECT_TRUE(asked.has_value());
    const Result<Chain> question = co_await pair->ours.read_exactly(4);
    EXPECT_TRUE(question.has_value());
    const WriteResult answered = co_await pair->ours.write("pong");
    EXPECT_TRUE(answered.has_value());
    const Result<Chain> answer = co_await pair->theirs.read_exactly(4);
    EXPECT_TRUE(answer.has_value() && *answer == "pong");
  }
  ++*finished;
}

TEST_P(FloodTest, TheOthersGetTheirTurns) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    Flood flood;
    Scope flooding;
    flooding.spawn(swallow(&stream, &flood));
    const Flooder flooder(peer.fd());
    std::vector<test::TcpPair> pairs;
    for (std::size_t index = 0; index < players; ++index) {
      test::TcpPair pair = co_await test::tcp_pair();
      pairs.push_back(std::move(pair));
    }
    co_await test::until([&flood] { return flood.bytes > std::uint64_t{1} << 20; });

    const std::uint64_t turns_before = Shard::current().stats().turns;
    std::size_t finished = 0;
    Scope playing;
    for (test::TcpPair& pair : pairs) playing.spawn(play(&pair, &finished));
    (void)co_await playing.join();
    const std::uint64_t turns = Shard::current().stats().turns - turns_before;

    EXPECT_EQ(finished, players);
    EXPECT_LE(turns, rounds * turns_per_round_max);
    // What one delivery brings is bounded, so one turn is too.
    EXPECT_LE(flood.largest_read, StreamLimits{}.receive_bytes_max + delivery_bytes_max);
    const std::uint64_t flooded = flood.bytes;
    co_await test::until([&flood, flooded] { return flood.bytes > flooded; });
    flooding.cancel();
    (void)co_await flooding.join();
    stream.abort();
    co_await test::until([&flooder] { return flooder.ended(); });
  });
}

}  // namespace
}  // namespace weir
