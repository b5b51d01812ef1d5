#include "tools/weir/load/kernel/kernel_rtt_probe.h"

#include <linux/net_tstamp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/socket.h"
#include "tests/support/backend_test.h"
#include "tests/support/ipv6.h"
#include "tools/weir/common/system_files.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"
#include "weir/net/listener.h"
#include "weir/net/tcp_stream.h"
#include "weir/net/udp_socket.h"

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

std::size_t open_descriptors() { return SystemFiles().list("proc/self/fd", 100'000).size(); }

/// Asks the kernel to stamp what arrives, and waits until it does: it begins when its worker has
/// had its turn, which takes a while on a busy machine. \returns a socket because of which it goes
/// on
int begin_stamping() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  Address self = Address::loopback(0);
  EXPECT_EQ(::bind(fd, self.as_sockaddr(), self.sockaddr_length()), 0);
  self = detail::local_address_of(fd).value();
  const int wanted = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  EXPECT_EQ(::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &wanted, sizeof wanted), 0);
  const TimePoint deadline = Clock::now() + 20s;
  while (Clock::now() < deadline) {
    alignas(cmsghdr) std::array<std::byte, 128> control{};
    char byte = 0;
    iovec piece{.iov_base = &byte, .iov_len = 1};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    EXPECT_EQ(::sendto(fd, &byte, 1, 0, self.as_sockaddr(), self.sockaddr_length()), 1);
    EXPECT_EQ(::recvmsg(fd, &header, 0), 1);
    if (header.msg_controllen > 0) return fd;
    std::this_thread::yield();
  }
  ADD_FAILURE() << "this kernel stamps nothing";
  return fd;
}

/// Around each run the number of open descriptors is compared.
class KernelRttProbeTest : public test::BackendTest {
 protected:
  void SetUp() override {
    BackendTest::SetUp();
    if (!IsSkipped()) stamping_ = begin_stamping();
  }
  void TearDown() override {
    if (stamping_ >= 0) ::close(stamping_);
  }
  template <typename F>
  void run_net(F main) {
    const std::size_t before = open_descriptors();
    EXPECT_TRUE(run(std::move(main)));
    EXPECT_EQ(open_descriptors(), before);
  }

 private:
  int stamping_ = -1;
};
WEIR_ON_EACH_BACKEND(KernelRttProbeTest);

/// Lets the shard take its turns until `condition()`.
template <typename F>
Task<void> until(F condition) {
  while (!condition()) co_await yield();
}

/// Takes connections only as far as the kernel does without it.
TcpListener listen_on(const Address& address) {
  return TcpListener::bind(address, {.shards = ListenOn::this_shard}).value();
}

constexpr std::uint64_t samples_wanted = 20;

KernelRttOptions options_for(const Address& target, Transport transport,
                             std::size_t message_bytes = 64) {
  KernelRttOptions options;
  options.target = target;
  options.transport = transport;
  options.request.assign(message_bytes, std::byte{0x5a});
  options.answer_bytes = message_bytes;
  options.interval = 1ms;
  options.timeout = 20s;
  return options;
}

/// Until so many were answered, or it has given up.
Task<void> run_probe(KernelRttProbe* probe, std::uint64_t answers) {
  Scope scope;
  scope.spawn(probe->run());
  co_await until([probe, answers] {
    return probe->counts().answered >= answers || !probe->gave_up().empty();
  });
  probe->stop();
  EXPECT_TRUE(co_await scope.join());
}

Task<Result<void>> echo(TcpStream stream) {
  for (;;) {
    Result<Chain> bytes = co_await stream.read();
    if (!bytes || bytes->empty()) co_return Result<void>();
    (void)co_await stream.write(std::move(*bytes));
  }
}

Task<void> serve_echo(TcpListener* listener) {
  (void)co_await listener->serve([](TcpStream stream) { return echo(std::move(stream)); });
}

Task<void> echo_datagrams(UdpSocket* socket) {
  for (;;) {
    const Result<DatagramBatch> batch = co_await socket->receive();
    if (!batch || batch->empty()) co_return;
    for (const Datagram& datagram : *batch) {
      (void)co_await socket->send_to(datagram.peer(), datagram.payload());
    }
  }
}

/// What the stamps must be, on any machine.
void expect_plausible(const KernelRttProbe& probe) {
  EXPECT_THAT(probe.gave_up(), IsEmpty());
  EXPECT_GE(probe.counts().answered, samples_wanted);
  EXPECT_EQ(probe.counts().failed + probe.counts().timed_out, 0U);
  EXPECT_LE(probe.counts().unstamped, probe.counts().answered / 2);
  EXPECT_EQ(probe.kernel_rtt().count(), probe.app_rtt().count());
  EXPECT_EQ(probe.kernel_rtt().count() + probe.counts().unstamped, probe.counts().answered);
  EXPECT_GT(probe.kernel_rtt().min(), 0U);
  for (const double percentile : {0.0, 50.0, 90.0, 100.0}) {
    EXPECT_LE(probe.kernel_rtt().value_at_percentile(percentile),
              probe.app_rtt().value_at_percentile(percentile));
  }
}

Task<void> probe_tcp(Address address, std::size_t message_bytes) {
  TcpListener listener = listen_on(address);
  Scope server;
  server.spawn(serve_echo(&listener));
  KernelRttProbe probe(options_for(listener.address(), Transport::stream, message_bytes));

  co_await run_probe(&probe, samples_wanted);
  server.cancel();
  (void)co_await server.join();

  expect_plausible(probe);
}

TEST_P(KernelRttProbeTest, SamplesTcp) {
  run_net([]() -> Task<void> { co_await probe_tcp(Address::loopback(0), 64); });
}

TEST_P(KernelRttProbeTest, SamplesTcpOverIpv6) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> { co_await probe_tcp(Address::loopback_ipv6(0), 64); });
}

TEST_P(KernelRttProbeTest, SamplesMessagesOfManySegments) {
  run_net([]() -> Task<void> { co_await probe_tcp(Address::loopback(0), 6 << 20); });
}

Task<void> probe_udp(Address address) {
  UdpSocket socket = UdpSocket::bind(address).value();
  Scope server;
  server.spawn(echo_datagrams(&socket));
  KernelRttProbe probe(options_for(socket.local_address().value(), Transport::datagram));

  co_await run_probe(&probe, samples_wanted);
  server.cancel();
  (void)co_await server.join();

  expect_plausible(probe);
}

TEST_P(KernelRttProbeTest, SamplesUdp) {
  run_net([]() -> Task<void> { co_await probe_udp(Address::loopback(0)); });
}

TEST_P(KernelRttProbeTest, SamplesUdpOverIpv6) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> { co_await probe_udp(Address::loopback_ipv6(0)); });
}

TEST_P(KernelRttProbeTest, GivesUpOnAServerThatNeverAnswers) {
  run_net([]() -> Task<void> {
    const TcpListener listener = listen_on(Address::loopback(0));
    KernelRttOptions options = options_for(listener.address(), Transport::stream);
    options.timeout = 2ms;
    KernelRttProbe probe(options);

    co_await run_probe(&probe, samples_wanted);

    EXPECT_EQ(probe.gave_up(), "request: no answer in 2.0 ms");
    EXPECT_EQ(probe.counts().timed_out, 3U);
    EXPECT_EQ(probe.counts().answered, 0U);
  });
}

TEST_P(KernelRttProbeTest, GivesUpOnADatagramServerThatNeverAnswers) {
  run_net([]() -> Task<void> {
    const UdpSocket silent = UdpSocket::bind(Address::loopback(0)).value();
    KernelRttOptions options = options_for(silent.local_address().value(), Transport::datagram);
    options.timeout = 2ms;
    KernelRttProbe probe(options);

    co_await run_probe(&probe, samples_wanted);

    EXPECT_EQ(probe.gave_up(), "request: no answer in 2.0 ms");
    EXPECT_GE(probe.counts().sent, 1U);
    EXPECT_LE(probe.counts().sent, 3U);  // on a busy machine the time is over before it is sent
  });
}

TEST_P(KernelRttProbeTest, GivesUpWhereNobodyListens) {
  run_net([]() -> Task<void> {
    Address free_port;
    {
      const TcpListener listener = listen_on(Address::loopback(0));
      free_port = listener.address();
    }
    KernelRttProbe tcp(options_for(free_port, Transport::stream));
    KernelRttProbe udp(options_for(free_port, Transport::datagram));

    co_await run_probe(&tcp, samples_wanted);
    co_await run_probe(&udp, samples_wanted);

    EXPECT_THAT(tcp.gave_up(), HasSubstr("connect: Connection refused"));
    EXPECT_EQ(tcp.counts().failed, 3U);
    EXPECT_THAT(udp.gave_up(), HasSubstr("Connection refused"));
  });
}

TEST_P(KernelRttProbeTest, GivesUpOnUnixSockets) {
  run_net([]() -> Task<void> {
    KernelRttProbe probe(options_for(Address::parse("unix:@nobody").value(), Transport::stream));

    co_await probe.run();

    EXPECT_EQ(probe.gave_up(), "only packets of a network are stamped");
    EXPECT_EQ(probe.counts().sent, 0U);
  });
}

Task<void> answer_once(TcpListener* listener, int connections) {
  for (int i = 0; i < connections; ++i) {
    Result<TcpStream> stream = co_await listener->accept();
    if (!stream) co_return;
    Result<Chain> request = co_await stream->read();
    if (!request) co_return;
    (void)co_await stream->write(std::move(*request));
    (void)co_await stream->close();
  }
}

TEST_P(KernelRttProbeTest, ConnectsAgainToAServerThatAnswersOnceAConnection) {
  run_net([]() -> Task<void> {
    TcpListener listener = listen_on(Address::loopback(0));
    Scope server;
    server.spawn(answer_once(&listener, 1000));
    KernelRttProbe probe(options_for(listener.address(), Transport::stream));

    co_await run_probe(&probe, samples_wanted);
    server.cancel();
    (void)co_await server.join();

    EXPECT_THAT(probe.gave_up(), IsEmpty());
    EXPECT_GE(probe.counts().answered, samples_wanted);
  });
}

TEST_P(KernelRttProbeTest, StopsWithARequestUnderWayOrBeforeItBegan) {
  run_net([]() -> Task<void> {
    const TcpListener listener = listen_on(Address::loopback(0));
    KernelRttProbe waiting(options_for(listener.address(), Transport::stream));
    KernelRttProbe unbegun(options_for(listener.address(), Transport::stream));
    Scope scope;
    scope.spawn(waiting.run());
    co_await until([&] { return waiting.counts().sent == 1; });

    waiting.stop();
    unbegun.stop();
    co_await unbegun.run();
    EXPECT_TRUE(co_await scope.join());

    EXPECT_EQ(waiting.counts().timed_out + waiting.counts().failed, 0U);
    EXPECT_THAT(waiting.gave_up(), IsEmpty());
    EXPECT_EQ(unbegun.counts().sent, 0U);
  });
}

TEST_P(KernelRttProbeTest, ForgetsAWarmUp) {
  run_net([]() -> Task<void> {
    UdpSocket socket = UdpSocket::bind(Address::loopback(0)).value();
    Scope server;
    server.spawn(echo_datagrams(&socket));
    KernelRttProbe probe(options_for(socket.local_address().value(), Transport::datagram));
    co_await run_probe(&probe, 2);
    server.cancel();
    (void)co_await server.join();

    probe.reset();

    EXPECT_EQ(probe.counts().answered, 0U);
    EXPECT_TRUE(probe.kernel_rtt().empty());
    EXPECT_TRUE(probe.app_rtt().empty());
  });
}

}  // namespace
}  // namespace weir::tools::load
