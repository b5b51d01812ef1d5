// Which shard a datagram meets: by flow, by CPU, by bytes of its payload.
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/pinned_thread.h"
#include "tests/support/udp_fixture.h"
#include "weir/net/udp_server.h"

namespace weir {
namespace {

class UdpSteeringTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpSteeringTest);

constexpr unsigned shards = 3;

/// Answers with the number of its shard.
Task<Result<void>> name_the_shard(UdpSocket socket) {
  const std::string name = std::to_string(Shard::current().id());
  for (;;) {
    const auto batch = co_await socket.receive();
    if (!batch) co_return std::unexpected(batch.error());
    if (batch->empty()) co_return Result<void>();
    for (const Datagram& datagram : *batch) {
      const Result<void> sent = co_await socket.send_to(datagram.peer(), name);
      if (!sent) co_return sent;
    }
  }
}

Task<unsigned> shard_of(UdpSocket* client, std::string_view payload) {
  (co_await client->send(payload)).value();
  const DatagramTrain answer = (co_await client->receive_one()).value();
  co_return static_cast<unsigned>(std::stoul(test::text_of(answer.payload.bytes())));
}

/// Answers each datagram with the number of its shard, and with its payload.
Task<Result<void>> name_the_shard_of_each(UdpSocket socket) {
  for (;;) {
    const auto batch = co_await socket.receive();
    if (!batch) co_return std::unexpected(batch.error());
    if (batch->empty()) co_return Result<void>();
    for (const Datagram& datagram : *batch) {
      const std::string answer =
          std::to_string(Shard::current().id()) + test::text_of(datagram.payload());
      const Result<void> sent = co_await socket.send_to(datagram.peer(), answer);
      if (!sent) co_return sent;
    }
  }
}

/// Runs `ask(address)` while the server is up.
template <typename Ask>
Task<void> with_server(Steering steering, Ask ask, UdpServer::Service service = name_the_shard,
                       UdpOptions options = {}) {
  UdpServer server = UdpServer::bind(Address::loopback(0), options, steering).value();
  std::optional<Result<void>> ended;
  Scope scope;
  scope.spawn(test::serve_into(&server, std::move(service), &ended));

  co_await ask(server.address());

  Runtime::current().drain();
  (void)co_await scope.join();
  EXPECT_TRUE(ended->has_value());
}

TEST_P(UdpSteeringTest, APeerAlwaysMeetsTheSameShard) {
  run_net(options(shards), []() -> Task<void> {
    return with_server({}, [](Address address) -> Task<void> {
      std::set<unsigned> met;
      for (int i = 0; i < 40; ++i) {
        UdpSocket client = UdpSocket::connect(address).value();
        const unsigned first = co_await shard_of(&client, "first");
        met.insert(first);
        for (int again = 0; again < 10; ++again) {
          EXPECT_EQ(co_await shard_of(&client, "again"), first);
        }
      }
      // That 40 flows all miss one of three has a chance of 3 x (2/3)^40 < 10^-6.
      EXPECT_EQ(met.size(), shards);
    });
  });
}

TEST_P(UdpSteeringTest, ANumberInThePayloadChoosesTheShard) {
  struct Case {
    unsigned offset, bytes;
  };
  for (const Case& v : {Case{0, 1}, Case{3, 1}, Case{1, 2}, Case{2, 4}}) {
    const Steering steering{.by = Steering::By::payload, .offset = v.offset, .bytes = v.bytes};
    run_net(options(shards), [&]() -> Task<void> {
      return with_server(steering, [&v](Address address) -> Task<void> {
        UdpSocket client = UdpSocket::connect(address).value();
        for (unsigned number = 0; number < 256; number += 5) {
          const unsigned long wanted = v.bytes == 1 ? number : number * 251UL;
          std::string payload(v.offset + v.bytes + 2, 'x');
          for (unsigned i = 0; i < v.bytes; ++i) {
            payload[v.offset + v.bytes - 1 - i] = static_cast<char>(wanted >> (8 * i));
          }
          EXPECT_EQ(co_await shard_of(&client, payload), wanted % shards);
        }
      });
    });
  }
}

TEST_P(UdpSteeringTest, APayloadTooShortForItsNumberMeetsTheFirstShard) {
  const Steering steering{.by = Steering::By::payload, .offset = 6, .bytes = 4};
  run_net(options(shards), [&]() -> Task<void> {
    return with_server(steering, [](Address address) -> Task<void> {
      UdpSocket client = UdpSocket::connect(address).value();
      EXPECT_EQ(co_await shard_of(&client, "12345678"), 0U);
      EXPECT_EQ(co_await shard_of(&client, ""), 0U);
    });
  });
}

/// Sends a batch whose payloads begin with the numbers from 0 on, of equal size to one peer.
/// \returns by number, which shard answered
Task<std::vector<unsigned>> shards_of_batch(Address address, Switch send_offload) {
  constexpr std::size_t count = 30;
  UdpSocket client = UdpSocket::connect(address, {.send_offload = send_offload}).value();
  std::vector<std::string> payloads;
  for (std::size_t i = 0; i < count; ++i) {
    payloads.emplace_back(1, static_cast<char>(i + 1));
    payloads.back() += "of a connection";
  }
  std::vector<OutgoingDatagram> batch;
  for (const std::string& payload : payloads) batch.push_back({.payload = test::bytes_of(payload)});
  const SendOutcome sent = co_await client.send(batch);
  EXPECT_EQ(sent.datagrams, count);
  EXPECT_EQ(client.stats().trains_sent, send_offload == Switch::on ? 1U : 0U);

  const std::vector<std::string> answers = co_await test::receive_texts(&client, count);
  std::vector<unsigned> met(count);
  for (const std::string& answer : answers) {
    met.at(static_cast<unsigned char>(answer.at(1)) - 1U) =
        static_cast<unsigned>(answer.at(0) - '0');
  }
  co_return met;
}

// The kernel looks for the socket once a train, and takes its first datagram for that.
TEST_P(UdpSteeringTest, ATrainMeetsTheShardOfItsFirstDatagram) {
  const Steering steering{.by = Steering::By::payload, .offset = 0, .bytes = 1};
  for (const Switch receive_offload : {Switch::on, Switch::off}) {
    run_net(options(shards), [&]() -> Task<void> {
      return with_server(steering,
                         [](Address address) -> Task<void> {
                           const auto of_train = co_await shards_of_batch(address, Switch::on);
                           const auto one_by_one = co_await shards_of_batch(address, Switch::off);

                           for (std::size_t i = 0; i < of_train.size(); ++i) {
                             EXPECT_EQ(of_train[i], 1U);  // that of the first, whose number is 1
                             EXPECT_EQ(one_by_one[i], (i + 1) % shards);
                           }
                         },
                         name_the_shard_of_each, {.receive_offload = receive_offload});
    });
  }
}

TEST_P(UdpSteeringTest, TheCpuThatReceivesChoosesTheShard) {
  const Steering steering{.by = Steering::By::cpu};
  run_net(options(shards), [&]() -> Task<void> {
    return with_server(steering, [](Address address) -> Task<void> {
      UdpSocket client = UdpSocket::connect(address).value();
      cpu_set_t allowed;
      ::sched_getaffinity(0, sizeof allowed, &allowed);
      for (unsigned cpu = 0; cpu < 64; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        const test::PinnedThread pinned(static_cast<int>(cpu));
        EXPECT_EQ(pinned.cpu(), static_cast<int>(cpu));
        // On loopback the CPU that sends is the one that receives.
        for (int i = 0; i < 20; ++i) EXPECT_EQ(co_await shard_of(&client, "x"), cpu % shards);
      }
    });
  });
}

TEST_P(UdpSteeringTest, RefusesASteeringThatMakesNoSense) {
  run_net(options(shards), []() -> Task<void> {
    const Steering three{.by = Steering::By::payload, .offset = 0, .bytes = 3};
    EXPECT_EQ(UdpServer::bind(Address::loopback(0), {}, three).error(), Error::option_invalid);
    UdpSocket socket = UdpSocket::bind(Address::loopback(0), {.reuse_port = Switch::on}).value();
    EXPECT_EQ(socket.steer({.by = Steering::By::cpu}, 0).error(), Error::option_invalid);
    co_return;
  });
}

// That every descriptor is closed is what `run_net` looks at.
TEST_P(UdpSteeringTest, AServerThatNeverServesClosesItsSockets) {
  run_net(options(shards), []() -> Task<void> {
    UdpServer first = UdpServer::bind(Address::loopback(0)).value();
    const Address address = first.address();
    UdpServer moved = std::move(first);
    UdpServer other = UdpServer::bind(Address::loopback(0)).value();
    other = std::move(moved);

    EXPECT_EQ(other.address(), address);
    // NOLINTNEXTLINE(bugprone-use-after-move): what it does then is the question
    EXPECT_EQ((co_await moved.serve(name_the_shard)).error(), Error::closed);
    other = UdpServer();
    const Result<UdpSocket> again = UdpSocket::bind(address);
    EXPECT_TRUE(again.has_value()) << again.error().message();
  });
}

}  // namespace
}  // namespace weir
