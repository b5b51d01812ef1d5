// One script of datagrams is received the same, whatever joins and splits them on the way: offloads
// on and off, on each backend, and as a plain recvmsg(2) without any of that has it.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "reactor/reactor.h"
#include "reactor/uring/probe.h"
#include "tests/support/datagram_script.h"
#include "tests/support/ipv6.h"
#include "tests/support/pinned_thread.h"
#include "tests/support/seed.h"

namespace weir {
namespace {

using test::DatagramScript;

constexpr std::uint32_t buffer_bytes = 16U << 20;

/// What a receiver has of one datagram.
struct Arrival {
  std::string payload;
  unsigned sender;
  Ecn ecn;

  bool operator==(const Arrival&) const = default;
  friend void PrintTo(const Arrival& arrival, std::ostream* out) {
    *out << arrival.payload.size() << " bytes of sender " << arrival.sender << ", ECN "
         << static_cast<int>(arrival.ecn);
  }
};

/// By server, in the order of arrival.
using Arrivals = std::array<std::vector<Arrival>, DatagramScript::servers>;

Arrivals expected_of(const DatagramScript& script) {
  Arrivals arrivals;
  for (const auto& round : script.rounds) {
    for (const auto& burst : round) {
      for (const auto& item : burst.items) {
        arrivals[item.server].push_back(
            {.payload = item.payload(), .sender = burst.sender, .ecn = item.ecn});
      }
    }
  }
  return arrivals;
}

Address server_address(unsigned server) {
  return server < 2 ? Address::loopback(0) : Address::loopback_ipv6(0);
}

/// The senders, and what their addresses are as a receiver sees them.
struct Senders {
  explicit Senders(Switch offload) {
    for (unsigned i = 0; i < DatagramScript::senders; ++i) {
      const Address local = i < 2 ? Address::loopback(0) : Address::loopback_ipv6(0);
      sockets.push_back(
          UdpSocket::bind(local, {.send_offload = offload, .send_buffer_bytes = buffer_bytes})
              .value());
      by_address[sockets.back().local_address()->to_string()] = i;
    }
  }

  [[nodiscard]] unsigned number_of(const InternetAddress& peer) const {
    const auto found = by_address.find(Address(peer).to_string());
    return found == by_address.end() ? DatagramScript::senders : found->second;
  }
  [[nodiscard]] std::uint64_t trains_sent() const {
    std::uint64_t count = 0;
    for (const UdpSocket& socket : sockets) count += socket.stats().trains_sent;
    return count;
  }

  std::vector<UdpSocket> sockets;
  /// A port alone may belong to two of them, one of each address family.
  std::map<std::string, unsigned> by_address;
};

Task<void> send_burst(UdpSocket* sender, const DatagramScript::Burst* burst,
                      const std::array<InternetAddress, DatagramScript::servers>* servers) {
  std::vector<std::string> payloads;
  for (const auto& item : burst->items) payloads.push_back(item.payload());
  std::string joined;
  std::vector<OutgoingDatagram> batch;
  if (burst->is_train) {
    for (const std::string& payload : payloads) joined += payload;
    const auto& first = burst->items.front();
    batch.push_back({.payload = test::bytes_of(joined),
                     .peer = (*servers)[first.server],
                     .segment_bytes = static_cast<std::uint32_t>(first.size),
                     .ecn = first.ecn});
  } else {
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      batch.push_back({.payload = test::bytes_of(payloads[i]),
                       .peer = (*servers)[burst->items[i].server],
                       .ecn = burst->items[i].ecn});
    }
  }
  const SendOutcome outcome = co_await sender->send(batch);
  EXPECT_EQ(outcome.datagrams, burst->items.size()) << outcome.refused.message();
}

/// How many of a round go to each server.
std::array<std::size_t, DatagramScript::servers> counts_of(const DatagramScript::Round& round) {
  std::array<std::size_t, DatagramScript::servers> counts{};
  for (const auto& burst : round) {
    for (const auto& item : burst.items) ++counts[item.server];
  }
  return counts;
}

Task<void> receive_round(UdpSocket* server, std::size_t count, const Senders* senders,
                         std::vector<Arrival>* arrivals) {
  while (count > 0) {
    const Result<DatagramBatch> batch = co_await server->receive();
    if (!batch || batch->empty()) {
      ADD_FAILURE() << "the receive ended with " << count << " to come";
      co_return;
    }
    for (const Datagram& datagram : *batch) {
      arrivals->push_back({.payload = test::text_of(datagram.payload()),
                           .sender = senders->number_of(datagram.peer()),
                           .ecn = datagram.ecn()});
    }
    if (batch->datagram_count() > count) {
      ADD_FAILURE() << "more datagrams than were sent";
      co_return;
    }
    count -= batch->datagram_count();
  }
}

/// Sends each server datagrams one at a time, until io_uring lets the kernel receive them: the next
/// round begins with that.
Task<void> become_lone(Senders* senders, std::vector<UdpSocket>* servers) {
  for (unsigned i = 0; i < DatagramScript::servers; ++i) {
    UdpSocket& sender = senders->sockets[i < 2 ? 0 : 2];
    const Address server = (*servers)[i].local_address().value();
    for (int sent = 0; sent < 24; ++sent) {
      (co_await sender.send_to(server, "alone")).value();
      EXPECT_EQ((co_await test::receive_texts(&(*servers)[i], 1)).size(), 1U);
    }
  }
  co_await test::some_turns(4);
}

/// Plays the script to UdpSockets.
Task<void> play(const DatagramScript* script, Switch receive_offload, Switch send_offload,
                Arrivals* arrivals) {
  const test::PinnedThread pinned;
  Senders senders(send_offload);
  std::vector<UdpSocket> servers;
  std::array<InternetAddress, DatagramScript::servers> addresses;
  for (unsigned i = 0; i < DatagramScript::servers; ++i) {
    const UdpOptions options{.receive_offload = receive_offload,
                             .receive_traffic_class = Switch::on,
                             .receive_buffer_bytes = buffer_bytes};
    servers.push_back(UdpSocket::bind(server_address(i), options).value());
    addresses[i] = servers.back().local_address().value();
  }

  for (std::size_t i = 0; i < script->rounds.size(); ++i) {
    if (i % 20 == 0) co_await become_lone(&senders, &servers);
    const auto& reactor = Shard::current().reactor();
    if (i == 0 && reactor.backend() == Backend::io_uring &&
        reactor::probe_uring().multishot_datagrams) {
      // The poll of each server has made way for a receive.
      EXPECT_GE(reactor.stats().sources_rearmed, DatagramScript::servers);
    }
    const auto& round = script->rounds[i];
    for (const auto& burst : round) {
      co_await send_burst(&senders.sockets[burst.sender], &burst, &addresses);
    }
    const auto counts = counts_of(round);
    for (unsigned server = 0; server < DatagramScript::servers; ++server) {
      co_await receive_round(&servers[server], counts[server], &senders, &(*arrivals)[server]);
    }
  }

  // Else the test would compare one way with itself.
  EXPECT_EQ(senders.trains_sent() > 0, send_offload == Switch::on);
  std::uint64_t trains_received = 0;
  for (const UdpSocket& server : servers) {
    EXPECT_EQ(server.stats().dropped_by_kernel, 0U);
    trains_received += server.stats().trains_received;
  }
  EXPECT_EQ(trains_received > 0, receive_offload == Switch::on && send_offload == Switch::on);
}

/// A socket that knows nothing of weir, read with one recvmsg(2) a datagram.
class PlainReceiver {
 public:
  explicit PlainReceiver(const Address& local)
      : fd_(::socket(local.socket_domain(), SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    constexpr int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof buffer_bytes);
    if (local.socket_domain() == AF_INET6) {
      ::setsockopt(fd_, SOL_IPV6, IPV6_RECVTCLASS, &on, sizeof on);
    } else {
      ::setsockopt(fd_, SOL_IP, IP_RECVTOS, &on, sizeof on);
    }
    constexpr timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::bind(fd_, local.as_sockaddr(), local.sockaddr_length());
  }
  PlainReceiver(const PlainReceiver&) = delete;
  PlainReceiver& operator=(const PlainReceiver&) = delete;
  ~PlainReceiver() { ::close(fd_); }

  [[nodiscard]] InternetAddress address() const {
    InternetAddress address;
    socklen_t length = InternetAddress::storage_bytes;
    ::getsockname(fd_, address.storage(), &length);
    return address;
  }

  [[nodiscard]] Arrival receive(const Senders& senders) {
    InternetAddress peer;
    iovec piece{.iov_base = memory_.data(), .iov_len = memory_.size()};
    alignas(cmsghdr) std::array<std::byte, 64> control{};
    msghdr message{};
    message.msg_name = peer.storage();
    message.msg_namelen = InternetAddress::storage_bytes;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t bytes = ::recvmsg(fd_, &message, 0);
    EXPECT_GE(bytes, 0) << "nothing has come";
    unsigned traffic_class = 0;
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    // Little-endian: the first byte is the number, of an int as of a byte.
    if (header != nullptr) traffic_class = *CMSG_DATA(header);
    return {.payload = memory_.substr(0, static_cast<std::size_t>(std::max<ssize_t>(bytes, 0))),
            .sender = senders.number_of(peer),
            .ecn = static_cast<Ecn>(traffic_class & 3U)};
  }

 private:
  int fd_;
  std::string memory_ = std::string(65536, '\0');
};

Task<void> play_to_plain_receivers(const DatagramScript* script, Switch send_offload,
                                   Arrivals* arrivals) {
  const test::PinnedThread pinned;
  Senders senders(send_offload);
  std::array<PlainReceiver, DatagramScript::servers> servers{PlainReceiver(server_address(0)),
                                                             PlainReceiver(server_address(1)),
                                                             PlainReceiver(server_address(2))};
  std::array<InternetAddress, DatagramScript::servers> addresses;
  std::ranges::transform(servers, addresses.begin(), &PlainReceiver::address);

  for (const auto& round : script->rounds) {
    for (const auto& burst : round) {
      co_await send_burst(&senders.sockets[burst.sender], &burst, &addresses);
    }
    const auto counts = counts_of(round);
    for (unsigned i = 0; i < DatagramScript::servers; ++i) {
      for (std::size_t k = 0; k < counts[i]; ++k) {
        (*arrivals)[i].push_back(servers[i].receive(senders));
      }
    }
  }
}

/// Names the first difference: the whole would be megabytes.
void expect_same(const Arrivals& got, const Arrivals& expected) {
  for (unsigned i = 0; i < DatagramScript::servers; ++i) {
    ASSERT_EQ(got[i].size(), expected[i].size()) << "server " << i;
    const auto differs = std::ranges::mismatch(got[i], expected[i]);
    if (differs.in1 == got[i].end()) continue;
    FAIL() << "datagram " << differs.in1 - got[i].begin() << " of server " << i << " is "
           << testing::PrintToString(*differs.in1) << ", not "
           << testing::PrintToString(*differs.in2)
           << (differs.in1->payload == differs.in2->payload ? "" : "; the payloads differ");
  }
}

class UdpDifferentialTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpDifferentialTest);

constexpr std::size_t rounds = 60;

TEST_P(UdpDifferentialTest, TheOffloadsChangeNothingThatIsReceived) {
  WEIR_NEEDS_IPV6();
  const test::Seed seed;
  const DatagramScript script = test::DatagramScriptWriter(seed.value()).write(rounds);
  const Arrivals expected = expected_of(script);
  for (const Switch receive_offload : {Switch::off, Switch::on}) {
    for (const Switch send_offload : {Switch::off, Switch::on}) {
      SCOPED_TRACE(seed.text());
      SCOPED_TRACE(receive_offload == Switch::on ? "joins" : "does not join");
      SCOPED_TRACE(send_offload == Switch::on ? "splits" : "does not split");

      Arrivals got;
      run_net([&]() -> Task<void> { return play(&script, receive_offload, send_offload, &got); });

      expect_same(got, expected);
    }
  }
}

TEST_P(UdpDifferentialTest, APlainReceiverSeesTheSame) {
  WEIR_NEEDS_IPV6();
  const test::Seed seed;
  const DatagramScript script = test::DatagramScriptWriter(seed.value()).write(rounds);
  const Arrivals expected = expected_of(script);
  for (const Switch send_offload : {Switch::off, Switch::on}) {
    SCOPED_TRACE(seed.text());
    SCOPED_TRACE(send_offload == Switch::on ? "splits" : "does not split");

    Arrivals got;
    run_net([&]() -> Task<void> { return play_to_plain_receivers(&script, send_offload, &got); });

    expect_same(got, expected);
  }
}

}  // namespace
}  // namespace weir
