// Out of descriptors: serving backs off, tells who can't be served, counts, and recovers by itself.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/descriptor_limit.h"
#include "tests/support/net_fixture.h"
#include "weir/core/call.h"

namespace weir {
namespace {

class DescriptorShortageTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(DescriptorShortageTest);

constexpr int connections_in_need = 12;
constexpr auto shortage = std::chrono::milliseconds(100);
/// What all shards together may complete meanwhile. Accepting again and again would be a thousand
/// times that.
constexpr std::uint64_t completions_max = 500;

Task<Result<TcpStream>> connect_to(const TcpListener& listener) {
  return connect(listener.address());
}
Task<Result<UnixStream>> connect_to(const UnixListener& listener) {
  return connect_unix(listener.address());
}

template <typename S>
Task<bool> answers(S* stream) {
  const WriteResult written = co_await stream->write("ping");
  if (!written) co_return false;
  const Result<Chain> read = co_await stream->read_exactly(4);
  co_return read.has_value() && *read == "ping";
}

/// Takes every descriptor that is left.
std::vector<test::PeerSocket> take_all_descriptors() {
  std::vector<test::PeerSocket> taken;
  do {
    taken.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  } while (taken.back().fd() >= 0);
  return taken;
}

std::vector<test::PeerSocket> unconnected_sockets(const Address& address) {
  std::vector<test::PeerSocket> sockets;
  for (int index = 0; index < connections_in_need; ++index) {
    sockets.emplace_back(::socket(address.socket_domain(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  return sockets;
}

void connect_all(const std::vector<test::PeerSocket>& sockets, const Address& address) {
  for (const test::PeerSocket& socket : sockets) {
    ::connect(socket.fd(), address.as_sockaddr(), address.sockaddr_length());
  }
}

/// By the end of the stream or by a reset.
bool has_ended(const test::PeerSocket& socket) {
  std::byte byte{};
  const ssize_t got = ::recv(socket.fd(), &byte, 1, MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN);
}

Task<std::uint64_t> completions() {
  Runtime& runtime = Runtime::current();
  std::uint64_t sum = 0;
  for (unsigned id = 0; id < runtime.shard_count(); ++id) {
    auto count = [] { return Shard::current().stats().completions; };
    const std::uint64_t here = co_await call(runtime.shard(id), count);
    sum += here;
  }
  co_return sum;
}

template <typename Listener>
Task<void> run_out_and_recover(Listener listener) {
  using S = typename Listener::Stream;
  const Address address = listener.address();
  std::optional<Result<ServeStats>> stats;
  Scope serving;
  serving.spawn(test::serve_into(&listener, test::echo<S>, {}, &stats));
  Result<S> first = co_await connect_to(listener);
  bool served = co_await answers(&*first);
  EXPECT_TRUE(served);
  std::vector<test::PeerSocket> clients = unconnected_sockets(address);

  std::vector<test::PeerSocket> taken = take_all_descriptors();
  connect_all(clients, address);
  const std::uint64_t before = co_await completions();
  (void)co_await sleep_for(shortage);
  const std::uint64_t after = co_await completions();
  served = co_await answers(&*first);
  EXPECT_TRUE(served);
  EXPECT_LE(after - before, completions_max);
  clients.clear();
  taken.clear();

  for (int round = 0; round < 20; ++round) {
    Result<S> later = co_await connect_to(listener);
    served = co_await answers(&*later);
    EXPECT_TRUE(served);
  }
  first = fail(Error::closed);
  Runtime::current().drain();
  (void)co_await serving.join();
  EXPECT_TRUE(stats->has_value()) << stats->error().message();
  if (!*stats) co_return;
  EXPECT_GE((*stats)->accept_pauses, 1U);
  EXPECT_GE((*stats)->refused_for_descriptors, 1U);
  EXPECT_EQ((*stats)->failed, 0U);
}

/// Who is connected gets its answers, who waits to be accepted is told.
template <typename Listener>
Task<void> drain_in_the_shortage(Listener listener) {
  using S = typename Listener::Stream;
  const Address address = listener.address();
  std::optional<Result<ServeStats>> stats;
  Scope serving;
  serving.spawn(test::serve_into(&listener, test::echo<S>, {}, &stats));
  Result<S> first = co_await connect_to(listener);
  bool served = co_await answers(&*first);
  EXPECT_TRUE(served);
  std::vector<test::PeerSocket> clients = unconnected_sockets(address);
  const std::vector<test::PeerSocket> taken = take_all_descriptors();
  connect_all(clients, address);
  (void)co_await sleep_for(shortage);
  const WriteResult written = co_await first->write("last");
  EXPECT_TRUE(written.has_value());

  Runtime::current().drain();
  const Result<Chain> last = co_await first->read_exactly(4);
  EXPECT_TRUE(last.has_value() && *last == "last");
  const Result<Chain> end = co_await first->read();
  EXPECT_TRUE(end.has_value() && end->empty());
  first = fail(Error::closed);
  for (const test::PeerSocket& client : clients) {
    co_await test::until([&client] { return has_ended(client); });
  }
  clients.clear();
  (void)co_await serving.join();

  EXPECT_TRUE(stats->has_value()) << stats->error().message();
  if (!*stats) co_return;
  EXPECT_EQ((*stats)->failed, 0U);
  // The descriptor that one shard gives back to refuse somebody may serve another to accept.
  const std::uint64_t accepted_meanwhile = (*stats)->accepted - 1;
  EXPECT_GE((*stats)->refused_for_descriptors + accepted_meanwhile, 1U);
}

// The limit comes before the runtime: io_uring notes it when an accept is submitted.
TEST_P(DescriptorShortageTest, PassesOnOneShard) {
  const test::DescriptorLimit limit(256);
  run_net([]() -> Task<void> { return run_out_and_recover(test::bind_tcp()); });
}
TEST_P(DescriptorShortageTest, PassesOnThreeShardsThatShareOneUnixSocket) {
  const test::DescriptorLimit limit(256);
  run_net(options(3),
          []() -> Task<void> { return run_out_and_recover(test::bind_unix("weir-shortage-")); });
}
TEST_P(DescriptorShortageTest, DoesNotDisturbADrainOnOneShard) {
  const test::DescriptorLimit limit(256);
  run_net([]() -> Task<void> { return drain_in_the_shortage(test::bind_tcp()); });
}
TEST_P(DescriptorShortageTest, DoesNotDisturbADrainOnThreeShardsThatShareOneUnixSocket) {
  const test::DescriptorLimit limit(256);
  run_net(options(3),
          []() -> Task<void> { return drain_in_the_shortage(test::bind_unix("weir-shortage-")); });
}

}  // namespace
}  // namespace weir
