// Datagrams that come faster than they are read: each policy, and that the counts add up.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::pattern;
using test::text_of;
using test::udp_pair;

class UdpOverflowTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpOverflowTest);

constexpr std::size_t sent_count = 3000;
constexpr std::size_t queue_datagrams = 50;

UdpOptions small_queue(OverflowPolicy policy) {
  return {.receive_bytes_max = queue_datagrams * (16 + datagram_overhead_bytes),
          .overflow = policy,
          .receive_buffer_bytes = 4U << 20};
}

std::string numbered(std::size_t number) {
  std::string text = std::to_string(number);
  text.resize(16, '.');
  return text;
}

/// Sends many in bursts, so that the receiving side has its turns. \returns what is read at the
/// end.
Task<std::vector<std::string>> flood(UdpSocket* server, UdpSocket* client) {
  for (std::size_t i = 0; i < sent_count; ++i) {
    (co_await client->send(numbered(i))).value();
    if (i % 100 == 99) co_await test::some_turns(3);
  }
  co_await test::some_turns(100);
  std::vector<std::string> texts;
  for (;;) {
    const DatagramBatch batch = server->take_received();
    if (batch.empty()) break;
    for (const Datagram& datagram : batch) texts.push_back(text_of(datagram.payload()));
  }
  co_return texts;
}

TEST_P(UdpOverflowTest, DroppingTheNewestKeepsTheFirst) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair(small_queue(OverflowPolicy::drop_newest));

    const auto texts = co_await flood(&server, &client);

    EXPECT_EQ(texts.size(), queue_datagrams);
    EXPECT_EQ(texts.front(), numbered(0));
    EXPECT_EQ(texts.back(), numbered(queue_datagrams - 1));
    const UdpStats stats = server.stats();
    EXPECT_EQ(texts.size() + stats.dropped_newest + stats.dropped_by_kernel, sent_count);
    EXPECT_EQ(stats.dropped_oldest, 0U);
  });
}

TEST_P(UdpOverflowTest, DroppingTheOldestKeepsTheLast) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair(small_queue(OverflowPolicy::drop_oldest));

    const auto texts = co_await flood(&server, &client);

    EXPECT_EQ(texts.size(), queue_datagrams);
    EXPECT_EQ(texts.back(), numbered(sent_count - 1));
    const UdpStats stats = server.stats();
    EXPECT_EQ(texts.size() + stats.dropped_oldest + stats.dropped_by_kernel, sent_count);
    EXPECT_EQ(stats.dropped_newest, 0U);
  });
}

Task<void> send_numbers(UdpSocket* client, std::size_t from, std::size_t to) {
  for (; from < to; ++from) (co_await client->send(numbered(from))).value();
  co_await test::some_turns(20);
}

/// What is in the queue, one by one.
Task<std::vector<std::string>> take_one_by_one(UdpSocket* server, std::size_t count) {
  std::vector<std::string> texts;
  for (; count > 0; --count) {
    const DatagramTrain one = (co_await server->receive_one()).value();
    texts.push_back(text_of(one.payload.bytes()));
  }
  co_return texts;
}

// To take one leaves the others in the same queue, under the same limit.
TEST_P(UdpOverflowTest, TheOldestAreDroppedAlsoWhereDatagramsAreTakenOneByOne) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair(small_queue(OverflowPolicy::drop_oldest));
    co_await send_numbers(&client, 0, 60);
    const DatagramTrain first = (co_await server.receive_one()).value();
    co_await send_numbers(&client, 60, 140);

    const auto texts = co_await take_one_by_one(&server, queue_datagrams);

    EXPECT_EQ(text_of(first.payload.bytes()), numbered(10));
    EXPECT_EQ(texts.front(), numbered(90));
    EXPECT_EQ(texts.back(), numbered(139));
    EXPECT_TRUE(server.take_received().empty());
    EXPECT_EQ(server.stats().dropped_oldest, 140 - 1 - queue_datagrams);
  });
}

TEST_P(UdpOverflowTest, TheNewestAreDroppedAlsoWhereDatagramsAreTakenOneByOne) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair(small_queue(OverflowPolicy::drop_newest));
    co_await send_numbers(&client, 0, 60);
    (void)(co_await server.receive_one()).value();
    co_await send_numbers(&client, 60, 140);

    const auto texts = co_await take_one_by_one(&server, queue_datagrams);

    EXPECT_EQ(texts.front(), numbered(1));
    EXPECT_EQ(texts[queue_datagrams - 2], numbered(queue_datagrams - 1));
    EXPECT_EQ(texts.back(), numbered(60));
    EXPECT_TRUE(server.take_received().empty());
    EXPECT_EQ(server.stats().dropped_newest, 140 - 1 - queue_datagrams);
  });
}

TEST_P(UdpOverflowTest, WhatIsLeftOfATrainIsDroppedAsTheOldest) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair(small_queue(OverflowPolicy::drop_oldest));
    const std::string payload = pattern(10 * 100, 1);
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = test::bytes_of(payload), .segment_bytes = 100}}};
    EXPECT_TRUE(co_await client.send(train));
    const DatagramTrain first = (co_await server.receive_one()).value();
    co_await send_numbers(&client, 0, 50);

    const auto texts = co_await take_one_by_one(&server, queue_datagrams);

    EXPECT_EQ(text_of(first.payload.bytes()), payload.substr(0, 100));
    EXPECT_EQ(texts.front(), numbered(0));
    EXPECT_EQ(texts.back(), numbered(49));
    EXPECT_EQ(server.stats().dropped_oldest, 9U);
  });
}

/// How often somebody runs in so many turns, this task included.
Task<std::uint64_t> resumed_in_turns(int count) {
  const std::uint64_t before = Shard::current().stats().resumed;
  co_await test::some_turns(count);
  co_return Shard::current().stats().resumed - before;
}

Task<void> await_error(UdpSocket* socket) { (void)co_await socket->next_error(); }

// A wait for an error keeps a socket receiving, but not beyond the limit, and not in circles there.
TEST_P(UdpOverflowTest, AFullQueueThatPausesIsAtRestThoughSomebodyAwaitsAnError) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair(small_queue(OverflowPolicy::pause));
    Scope scope;
    scope.spawn(await_error(&server));
    const std::uint64_t resumed_at_rest = co_await resumed_in_turns(100);
    co_await send_numbers(&client, 0, 300);
    (void)(co_await server.receive_one()).value();
    co_await test::some_turns(20);

    const UdpStats stats = server.stats();
    const std::uint64_t resumed = co_await resumed_in_turns(100);

    // A receive takes 32 at once, and so may go beyond the limit.
    EXPECT_LT(stats.datagrams_received, queue_datagrams + 1 + 32);
    EXPECT_LT(resumed, resumed_at_rest + 50);
    const auto texts = co_await take_one_by_one(&server, 299);
    EXPECT_EQ(texts.back(), numbered(299));
    scope.cancel();
    (void)co_await scope.join();
  });
}

// Also those that were told with a datagram that is dropped in its turn.
TEST_P(UdpOverflowTest, WhatTheKernelDroppedIsToldWithWhatIsDelivered) {
  for (const OverflowPolicy policy : {OverflowPolicy::drop_newest, OverflowPolicy::drop_oldest}) {
    run_net([policy]() -> Task<void> {
      UdpOptions options = small_queue(policy);
      options.receive_buffer_bytes = 16384;
      auto [server, client] = udp_pair(options);
      for (std::size_t i = 0; i < 10; ++i) co_await send_numbers(&client, 100 * i, 100 * (i + 1));

      std::uint64_t told = 0;
      for (std::size_t round = 0; round < 2; ++round) {
        for (;;) {
          const DatagramBatch batch = server.take_received();
          if (batch.empty()) break;
          for (const Datagram& datagram : batch) told += datagram.drops_since();
        }
        co_await send_numbers(&client, 1000, 1001);
      }
      const DatagramTrain last = (co_await server.receive_one()).value();
      told += last.drops_since;

      const UdpStats stats = server.stats();
      EXPECT_GT(stats.dropped_by_kernel, 0U);
      EXPECT_GT(stats.dropped_newest + stats.dropped_oldest, 0U);
      EXPECT_EQ(told, stats.dropped_by_kernel);
    });
  }
}

TEST_P(UdpOverflowTest, PausingLeavesTheRestToTheKernel) {
  run_net([]() -> Task<void> {
    UdpOptions options = small_queue(OverflowPolicy::pause);
    options.receive_buffer_bytes = 32768;  // room for a part of it only
    auto [server, client] = udp_pair(options);
    for (std::size_t i = 0; i < sent_count; ++i) (co_await client.send(numbered(i))).value();

    std::size_t received = 0;
    while (received + server.stats().dropped_by_kernel < sent_count) {
      const auto batch = co_await with_timeout(
          std::chrono::milliseconds(200), [](UdpSocket* socket) -> Task<Result<DatagramBatch>> {
            co_return co_await socket->receive();
          }(&server));
      if (!batch) {
        // Nothing is left; the next datagram tells how many were dropped before it.
        (co_await client.send(numbered(sent_count))).value();
        const DatagramBatch last = (co_await server.receive()).value();
        received += last.datagram_count() - 1;
        break;
      }
      received += batch->datagram_count();
    }

    const UdpStats stats = server.stats();
    EXPECT_GT(stats.receive_pauses, 0U);
    EXPECT_GT(stats.dropped_by_kernel, 0U);
    EXPECT_EQ(received + stats.dropped_by_kernel, sent_count);
    EXPECT_EQ(stats.dropped_newest + stats.dropped_oldest + stats.dropped_no_memory, 0U);
  });
}

TEST_P(UdpOverflowTest, ReceivingGoesOnAfterAnErrorThoughNobodyAwaitsIt) {
  run_net([]() -> Task<void> {
    UdpSocket first = UdpSocket::bind(Address::loopback(0)).value();
    const Address address = first.local_address().value();
    UdpSocket client =
        UdpSocket::connect(address, {.overflow = OverflowPolicy::drop_oldest}).value();
    first.close();
    (co_await client.send("nobody is there")).value();
    co_await test::some_turns(20);  // ECONNREFUSED has come

    UdpSocket second = UdpSocket::bind(address).value();
    (co_await second.send_to(client.local_address().value(), "here again")).value();
    DatagramBatch batch;
    while (batch.empty()) {
      co_await yield();
      batch = client.take_received();
    }

    EXPECT_EQ(text_of((*batch.begin()).payload()), "here again");
  });
}

TEST_P(UdpOverflowTest, MediumDatagramsAmongLargeOnesDoNotPinTheBudget) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = std::size_t{4} << 20;
  run_net(small, []() -> Task<void> {
    auto [server, client] =
        udp_pair({.overflow = OverflowPolicy::drop_oldest, .receive_buffer_bytes = 4U << 20});
    (co_await client.send(pattern(40000, 1))).value();
    for (int i = 0; i < 300; ++i) {
      (co_await client.send(pattern(2100, 2))).value();
      if (i % 20 == 19) co_await test::some_turns(2);
    }
    co_await test::some_turns(20);

    const std::size_t in_use = Shard::current().stats().buffers.slabs_application;

    EXPECT_LT(in_use, 32U);  // 2 MiB for 630 000 bytes
    EXPECT_EQ(server.stats().dropped_no_memory, 0U);
  });
}

TEST_P(UdpOverflowTest, AFloodOfEmptyDatagramsIsBoundedToo) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair(small_queue(OverflowPolicy::drop_oldest));
    for (std::size_t i = 0; i < sent_count; ++i) {
      (co_await client.send("")).value();
      if (i % 100 == 99) co_await test::some_turns(3);
    }
    co_await test::some_turns(20);

    const std::size_t kept = server.take_received().datagram_count();

    EXPECT_LE(kept, queue_datagrams * (16 + datagram_overhead_bytes) / datagram_overhead_bytes);
    EXPECT_GT(kept, 0U);
  });
}

}  // namespace
}  // namespace weir
