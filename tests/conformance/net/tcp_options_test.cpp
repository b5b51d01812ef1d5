// The named options of a TCP stream, as the kernel has them.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <limits>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"

namespace weir {
namespace {

class TcpOptionsTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(TcpOptionsTest);

/// -1: the kernel has no such option.
int option_of(const TcpStream& stream, int level, int option) {
  int value = -1;
  socklen_t length = sizeof value;
  ::getsockopt(stream.native_handle(), level, option, &value, &length);
  return value;
}

TEST_P(TcpOptionsTest, NagleIsOffOnBothSidesUnlessAskedFor) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option_of(pair.theirs, IPPROTO_TCP, TCP_NODELAY), 1);

    EXPECT_TRUE(pair.ours.set_nodelay(Switch::off).has_value());
    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_NODELAY), 0);
    EXPECT_TRUE(pair.ours.set_nodelay(Switch::on).has_value());
    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_NODELAY), 1);
  });
}

TEST_P(TcpOptionsTest, ACorkHoldsBackUntilItIsOff) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    EXPECT_TRUE(stream.set_cork(Switch::on).has_value());
    EXPECT_EQ(option_of(stream, IPPROTO_TCP, TCP_CORK), 1);
    const WriteResult written = co_await stream.write("corked");
    EXPECT_TRUE(written.has_value());
    EXPECT_TRUE(peer.receive().empty());

    EXPECT_TRUE(stream.set_cork(Switch::off).has_value());

    EXPECT_EQ(option_of(stream, IPPROTO_TCP, TCP_CORK), 0);
    std::size_t received = 0;
    while (received < 6) {
      received += peer.receive().size();
      co_await yield();
    }
  });
}

TEST_P(TcpOptionsTest, QuickackAndNotsentLowat) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();

    EXPECT_TRUE(pair.ours.set_quickack(Switch::on).has_value());
    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_QUICKACK), 1);
    EXPECT_TRUE(pair.ours.set_quickack(Switch::off).has_value());
    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_QUICKACK), 0);
    EXPECT_TRUE(pair.ours.set_notsent_lowat(16'384).has_value());
    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 16'384);
  });
}

TEST_P(TcpOptionsTest, Keepalive) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    EXPECT_EQ(option_of(pair.ours, SOL_SOCKET, SO_KEEPALIVE), 0);
    const Keepalive keepalive{
        .idle = std::chrono::seconds(31), .interval = std::chrono::seconds(7), .probes = 3};

    EXPECT_TRUE(pair.ours.set_keepalive(keepalive).has_value());
    EXPECT_EQ(option_of(pair.ours, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_KEEPIDLE), 31);
    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_KEEPINTVL), 7);
    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_KEEPCNT), 3);

    EXPECT_TRUE(pair.ours.disable_keepalive().has_value());
    EXPECT_EQ(option_of(pair.ours, SOL_SOCKET, SO_KEEPALIVE), 0);
    const Keepalive impossible{.idle = std::chrono::seconds(0)};
    EXPECT_EQ(pair.ours.set_keepalive(impossible).error(), from_errno(EINVAL));
    EXPECT_EQ(option_of(pair.ours, SOL_SOCKET, SO_KEEPALIVE), 0);
  });
}

TEST_P(TcpOptionsTest, UserTimeoutInMilliseconds) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();

    EXPECT_TRUE(pair.ours.set_user_timeout(std::chrono::seconds(12)).has_value());

    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_USER_TIMEOUT), 12'000);

    EXPECT_TRUE(pair.ours.set_user_timeout(std::chrono::hours(24 * 365)).has_value());

    EXPECT_EQ(option_of(pair.ours, IPPROTO_TCP, TCP_USER_TIMEOUT), std::numeric_limits<int>::max());
  });
}

TEST_P(TcpOptionsTest, BuffersAreWhatTheKernelMadeOfThem) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    constexpr std::size_t asked = 40'000;

    const Result<std::size_t> sending = pair.ours.set_send_buffer(asked);
    const Result<std::size_t> receiving = pair.ours.set_receive_buffer(asked);

    EXPECT_EQ(sending.value(), 2 * asked);  // socket(7): doubled
    EXPECT_EQ(receiving.value(), 2 * asked);
    EXPECT_EQ(option_of(pair.ours, SOL_SOCKET, SO_SNDBUF), static_cast<int>(2 * asked));
    EXPECT_EQ(option_of(pair.ours, SOL_SOCKET, SO_RCVBUF), static_cast<int>(2 * asked));
    const Result<std::size_t> too_much = pair.ours.set_send_buffer(std::size_t{1} << 40);
    EXPECT_TRUE(too_much.has_value());
    EXPECT_EQ(option_of(pair.ours, SOL_SOCKET, SO_SNDBUF), static_cast<int>(*too_much));
  });
}

}  // namespace
}  // namespace weir
