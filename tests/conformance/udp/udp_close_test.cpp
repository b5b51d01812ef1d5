// The end of a UDP socket, and of its shard.
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/udp_fixture.h"
#include "weir/net/udp_server.h"

namespace weir {
namespace {

using test::bytes_of;
using test::udp_pair;

class UdpCloseTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpCloseTest);

Task<void> receive_noting(UdpSocket* socket, std::optional<Result<DatagramBatch>>* result) {
  result->emplace(co_await socket->receive());
}

TEST_P(UdpCloseTest, CloseEndsAReceiveThatWaits) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    std::optional<Result<DatagramBatch>> received;
    Scope scope;
    scope.spawn(receive_noting(&server, &received));
    co_await test::some_turns(5);

    server.close();
    (void)co_await scope.join();

    EXPECT_EQ(received->error(), Error::closed);
    EXPECT_EQ((co_await server.receive()).error(), Error::closed);
    EXPECT_EQ((co_await server.send("x")).error(), Error::closed);
    EXPECT_EQ(server.local_address().error(), Error::closed);
  });
}

TEST_P(UdpCloseTest, CloseDropsWhatWaitsToBeRead) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.overflow = OverflowPolicy::drop_oldest});
    for (int i = 0; i < 10; ++i) (co_await client.send("unread")).value();
    co_await test::some_turns(5);

    server.close();

    EXPECT_FALSE(server.valid());
  });
}

TEST_P(UdpCloseTest, ADrainDeliversWhatHadArrivedAndThenEnds) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_buffer_bytes = 4U << 20});
    std::optional<Result<DatagramBatch>> first;
    Scope scope;
    scope.spawn(receive_noting(&server, &first));
    co_await test::some_turns(5);
    for (int i = 0; i < 500; ++i) (co_await client.send(std::to_string(i))).value();

    Runtime::current().drain();
    (void)co_await scope.join();
    std::size_t count = first->value().datagram_count();
    for (;;) {
      const DatagramBatch batch = (co_await server.receive()).value();
      if (batch.empty()) break;
      count += batch.datagram_count();
    }

    EXPECT_EQ(count, 500U);
    EXPECT_EQ((co_await server.receive_one()).error(), Error::shutting_down);
    EXPECT_EQ((co_await server.next_error()).error(), Error::shutting_down);
    EXPECT_TRUE((co_await server.send_to(client.local_address().value(), "bye")).has_value());
  });
}

TEST_P(UdpCloseTest, ADrainDeliversAlsoWhatTheQueueHadNoRoomFor) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_bytes_max = 2000, .receive_buffer_bytes = 4U << 20});
    std::optional<Result<DatagramBatch>> first;
    Scope scope;
    scope.spawn(receive_noting(&server, &first));
    co_await test::some_turns(5);
    for (int i = 0; i < 500; ++i) (co_await client.send(std::to_string(i))).value();

    Runtime::current().drain();
    (void)co_await scope.join();
    std::size_t count = first->value().datagram_count();
    for (;;) {
      const DatagramBatch batch = (co_await server.receive()).value();
      if (batch.empty()) break;
      count += batch.datagram_count();
    }

    EXPECT_EQ(count, 500U);
  });
}

TEST_P(UdpCloseTest, ADrainCountsWhatItHasNoMemoryFor) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = std::size_t{256} << 10;
  run_net(small, []() -> Task<void> {
    auto [server, client] =
        udp_pair({.receive_offload = Switch::off, .receive_buffer_bytes = 4U << 20});
    constexpr std::size_t sent_count = 60;
    const std::string text(30'000, 'x');
    for (std::size_t i = 0; i < sent_count; ++i) (co_await client.send(text)).value();
    // Nothing is given back before all has been counted.
    std::vector<DatagramBatch> held;
    held.push_back((co_await server.receive()).value());

    Runtime::current().drain();
    std::size_t count = held.back().datagram_count();
    while (!held.back().empty()) {
      held.push_back((co_await server.receive()).value());
      count += held.back().datagram_count();
    }

    EXPECT_GT(server.stats().dropped_no_memory, 0U);
    EXPECT_EQ(count + server.stats().dropped_no_memory, sent_count);
  });
}

TEST_P(UdpCloseTest, ADrainEndsAWaitForAnErrorThoughNobodyReceives) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    std::optional<std::error_code> ended;
    Scope scope;
    scope.spawn([](UdpSocket* socket, std::optional<std::error_code>* out) -> Task<void> {
      *out = (co_await socket->next_error()).error();
    }(&server, &ended));
    co_await test::some_turns(5);

    Runtime::current().drain();
    (void)co_await scope.join();

    EXPECT_EQ(*ended, Error::shutting_down);
  });
}

TEST_P(UdpCloseTest, ADrainEndsAReceiveThatWaits) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    std::optional<Result<DatagramBatch>> received;
    Scope scope;
    scope.spawn(receive_noting(&server, &received));
    co_await test::some_turns(5);

    Runtime::current().drain();
    (void)co_await scope.join();

    EXPECT_TRUE(received->value().empty());
  });
}

Task<Result<void>> echo_datagrams(UdpSocket socket) {
  std::vector<OutgoingDatagram> answers;
  for (;;) {
    const auto batch = co_await socket.receive();
    if (!batch) co_return std::unexpected(batch.error());
    if (batch->empty()) co_return Result<void>();
    answers.clear();
    for (const DatagramTrain& train : batch->trains()) {
      answers.push_back({.payload = train.payload.bytes(),
                         .peer = train.peer,
                         .segment_bytes = train.segment_bytes});
    }
    const SendOutcome sent = co_await socket.send(answers);
    if (!sent) co_return std::unexpected(sent.refused);
  }
}

TEST_P(UdpCloseTest, AServerAnswersOnEveryShardUntilTheDrain) {
  run_net(options(3), []() -> Task<void> {
    UdpServer server = UdpServer::bind(Address::loopback(0)).value();
    std::optional<Result<void>> ended;
    Scope scope;
    scope.spawn(test::serve_into(&server, echo_datagrams, &ended));

    for (int i = 0; i < 30; ++i) {
      UdpSocket client = UdpSocket::connect(server.address()).value();
      (co_await client.send(std::to_string(i))).value();
      const DatagramTrain answer = (co_await client.receive_one()).value();
      EXPECT_EQ(test::text_of(answer.payload.bytes()), std::to_string(i));
    }
    Runtime::current().drain();
    (void)co_await scope.join();

    EXPECT_TRUE(ended->has_value());
  });
}

}  // namespace
}  // namespace weir
