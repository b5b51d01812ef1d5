// UDP sockets whose datagrams come one at a time, which io_uring receives in a way of its own.
#include <chrono>
#include <cstddef>
#include <optional>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"
#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::text_of;
using test::udp_pair;
using test::UdpPair;

class UdpLoneTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpLoneTest);

Task<void> exchange_lone(UdpPair* pair) {
  for (int i = 0; i < 24; ++i) {
    (co_await pair->client.send("alone")).value();
    const auto texts = co_await test::receive_texts(&pair->server, 1);
    EXPECT_EQ(texts.size(), 1U);
  }
  co_await test::some_turns(4);
}

Task<Result<DatagramBatch>> receive_from(UdpSocket* socket) {
  co_return co_await socket->receive();
}

TEST_P(UdpLoneTest, LosesNothingWhateverThePaceAndTheDeadlines) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  run_net([&seed]() -> Task<void> {
    std::mt19937_64 random(seed.value());
    auto [server, client] = udp_pair({.receive_buffer_bytes = 4U << 20});
    constexpr std::size_t count = 3000;
    std::size_t next = 0;
    std::size_t expected = 0;
    bool is_sparse = true;
    while (expected < count) {
      if (random() % 40 == 0) is_sparse = !is_sparse;
      const std::size_t burst = is_sparse ? random() % 2 : random() % 40;
      for (std::size_t i = 0; i < burst && next < count; ++i) {
        (co_await client.send(std::to_string(next++))).value();
      }
      const auto batch =
          co_await with_timeout(std::chrono::microseconds(random() % 50), receive_from(&server));
      if (!batch) {
        EXPECT_EQ(batch.error(), Error::deadline_exceeded);
        continue;
      }
      for (const Datagram& datagram : *batch) {
        EXPECT_EQ(text_of(datagram.payload()), std::to_string(expected));
        ++expected;
      }
    }
    EXPECT_EQ(server.stats().datagrams_received, count);
  });
}

TEST_P(UdpLoneTest, CloseEndsAReceiveThatWaits) {
  run_net([]() -> Task<void> {
    UdpPair pair = udp_pair();
    co_await exchange_lone(&pair);
    std::optional<Result<DatagramBatch>> received;
    Scope scope;
    scope.spawn([](UdpSocket* socket, std::optional<Result<DatagramBatch>>* out) -> Task<void> {
      out->emplace(co_await socket->receive());
    }(&pair.server, &received));
    co_await test::some_turns(4);

    (co_await pair.client.send("too late")).value();
    pair.server.close();
    (void)co_await scope.join();

    EXPECT_EQ(received->error(), Error::closed);
  });
}

TEST_P(UdpLoneTest, ErrorsAreStillTold) {
  run_net([]() -> Task<void> {
    UdpPair pair = udp_pair();
    const Address nobody = UdpSocket::bind(Address::loopback(0)).value().local_address().value();
    for (int round = 0; round < 3; ++round) {
      co_await exchange_lone(&pair);
      (co_await pair.server.send_to(nobody, "anybody?")).value();

      const DatagramError error = (co_await pair.server.next_error()).value();
      (co_await pair.client.send("I am here")).value();
      const auto texts = co_await test::receive_texts(&pair.server, 1);

      EXPECT_EQ(Address(error.peer), nobody);
      EXPECT_EQ(texts.size(), 1U);
    }
  });
}

TEST_P(UdpLoneTest, TheOldestMakeRoomInAQueueThatNobodyReads) {
  run_net([]() -> Task<void> {
    const std::size_t cost = datagram_overhead_bytes + 5;
    UdpPair pair =
        udp_pair({.receive_bytes_max = 3 * cost, .overflow = OverflowPolicy::drop_oldest});
    co_await exchange_lone(&pair);
    const std::uint64_t before = pair.server.stats().datagrams_received;
    for (int i = 10000; i < 10010; ++i) {
      (co_await pair.client.send(std::to_string(i))).value();
      co_await test::until([&] {
        return pair.server.stats().datagrams_received > before + static_cast<unsigned>(i - 10000);
      });
    }
    co_await test::some_turns(4);

    const auto texts = co_await test::receive_texts(&pair.server, 3);

    EXPECT_THAT(texts, testing::ElementsAre("10007", "10008", "10009"));
    EXPECT_EQ(pair.server.stats().dropped_oldest, 7U);
  });
}

}  // namespace
}  // namespace weir
