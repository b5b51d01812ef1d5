// Out of descriptors: serving backs off, tells who can't be served, counts, and recovers by itself.
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/descriptor_limit.h"
#include "tests/support/net_fixture.h"
#include "weir/core/call.h"

namespace weir {
namespace {

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if __has_feature(undefined_behavior_sanitizer)
constexpr bool sanitizer_needs_descriptors = true;
#else
constexpr bool sanitizer_needs_descriptors = false;
#endif

class DescriptorShortageTest : public test::NetTest {
 protected:
  void SetUp() override {
    test::NetTest::SetUp();
    if (sanitizer_needs_descriptors) GTEST_SKIP() << "UBSan's check of types opens a pipe";
  }
};
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
  std::vector<test::PeerSocket> clients;
  for (int index = 0; index < connections_in_need; ++index) {
    clients.emplace_back(::socket(address.socket_domain(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  }

  std::vector<test::PeerSocket> taken = take_all_descriptors();
  for (const test::PeerSocket& client : clients) {
    ::connect(client.fd(), address.as_sockaddr(), address.sockaddr_length());
  }
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
  EXPECT_GE((*stats)->accept_pauses, 1U);
  EXPECT_GE((*stats)->refused_for_descriptors, 1U);
  EXPECT_EQ((*stats)->failed, 0U);
}

Task<void> run_out_over_tcp() {
  TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
  co_await run_out_and_recover(std::move(listener));
}

Task<void> run_out_over_unix_sockets() {
  const std::string name = "weir-shortage-" + std::to_string(::getpid());
  UnixListener listener = UnixListener::bind(Address::from_unix_abstract(name).value()).value();
  co_await run_out_and_recover(std::move(listener));
}

// The limit comes before the runtime: io_uring notes it when an accept is submitted.
TEST_P(DescriptorShortageTest, OnOneShard) {
  const test::DescriptorLimit limit(256);
  run_net(run_out_over_tcp);
}
TEST_P(DescriptorShortageTest, OnThreeShardsThatShareOneUnixSocket) {
  const test::DescriptorLimit limit(256);
  run_net(options(3), run_out_over_unix_sockets);
}

}  // namespace
}  // namespace weir
