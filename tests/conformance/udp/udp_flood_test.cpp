// Floods above the budget: every datagram sent is delivered or counted as dropped, memory stays
// bounded, and other sockets of the shard are served meanwhile.
//
// The kernel's count (SO_RXQ_OVFL) is of what it queues: a train that finds no room counts as one.
// Where sums have to be exact the receiver does not join.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

class UdpFloodTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpFloodTest);

constexpr std::size_t budget_bytes = std::size_t{512} << 10;
constexpr std::size_t payload_bytes = 1000;
constexpr std::size_t burst_count = 32;
constexpr std::size_t bursts = 200;

/// Sends bursts, each as one train, without waiting for whoever reads.
Task<void> flood(UdpSocket* client, std::size_t count,
                 std::size_t memory_bytes_max = budget_bytes) {
  const std::string memory = test::pattern(burst_count * payload_bytes, 1);
  const std::array<OutgoingDatagram, 1> burst{
      {{.payload = test::bytes_of(memory), .segment_bytes = payload_bytes}}};
  for (std::size_t i = 0; i < count; ++i) {
    const SendOutcome sent = co_await client->send(burst);
    EXPECT_EQ(sent.datagrams, burst_count) << sent.refused.message();
    EXPECT_LE(Shard::current().pool().stats().total_bytes, memory_bytes_max);
    co_await yield();
  }
}

/// Asks and answers on another pair of sockets of the shard. \returns the answers
Task<std::size_t> ping(UdpSocket* ours, UdpSocket* theirs, std::size_t count) {
  std::size_t answers = 0;
  for (std::size_t i = 0; i < count; ++i) {
    (co_await ours->send("ping")).value();
    answers += (co_await test::receive_texts(theirs, 1)).size();
  }
  co_return answers;
}

/// Reads all that was kept. Datagrams sent for that, of which the last is received, tell the drops
/// before them. \returns how many of these were sent, and what was delivered, these included
struct Rest {
  std::size_t sent = 0;
  std::size_t delivered = 0;
};
Task<Rest> read_rest(UdpSocket* server, UdpSocket* client) {
  Rest rest;
  for (;;) {
    // Should it be dropped too, there is something before it to receive.
    const std::string end = "end " + std::to_string(rest.sent++);
    (co_await client->send(end)).value();
    const DatagramBatch batch = (co_await server->receive()).value();
    for (const Datagram& datagram : batch) {
      ++rest.delivered;
      if (test::text_of(datagram.payload()) == end) co_return rest;
    }
  }
}

std::uint64_t dropped_of(const UdpStats& stats) {
  return stats.dropped_by_kernel + stats.dropped_newest + stats.dropped_oldest +
         stats.dropped_no_memory;
}

TEST_P(UdpFloodTest, EveryDatagramIsDeliveredOrCounted) {
  for (const OverflowPolicy policy :
       {OverflowPolicy::pause, OverflowPolicy::drop_newest, OverflowPolicy::drop_oldest}) {
    SCOPED_TRACE(static_cast<int>(policy));
    RuntimeOptions small = options();
    small.buffer_budget_bytes = budget_bytes;
    run_net(small, [policy]() -> Task<void> {
      auto [server, client] = test::udp_pair({.receive_bytes_max = 64U << 10,
                                              .overflow = policy,
                                              .receive_offload = Switch::off,
                                              .receive_buffer_bytes = 256U << 10});
      auto [theirs, ours] = test::udp_pair();

      co_await flood(&client, bursts);
      const std::size_t answers = co_await ping(&ours, &theirs, 20);
      const Rest rest = co_await read_rest(&server, &client);

      EXPECT_EQ(answers, 20U);
      EXPECT_GT(dropped_of(server.stats()), 0U);
      EXPECT_EQ(rest.delivered + dropped_of(server.stats()), bursts * burst_count + rest.sent);
    });
  }
}

// A burst is larger than the queue, and with UDP_GRO it comes as one train: of that too the queue
// keeps what fits.
TEST_P(UdpFloodTest, AQueueSmallerThanATrainKeepsWhatFits) {
  for (const OverflowPolicy policy : {OverflowPolicy::drop_newest, OverflowPolicy::drop_oldest}) {
    for (const Switch offload : {Switch::on, Switch::off}) {
      SCOPED_TRACE(static_cast<int>(policy) * 2 + static_cast<int>(offload));
      run_net([policy, offload]() -> Task<void> {
        auto [server, client] = test::udp_pair({.receive_bytes_max = 16U << 10,
                                                .overflow = policy,
                                                .receive_offload = offload,
                                                .receive_buffer_bytes = 4U << 20});

        co_await flood(&client, 10, RuntimeOptions{}.buffer_budget_bytes);
        co_await test::until(
            [&server] { return server.stats().datagrams_received == 10 * burst_count; });
        co_await test::some_turns(2);  // in which the policy is applied
        const DatagramBatch batch = server.take_received();

        const UdpStats stats = server.stats();
        EXPECT_GE(batch.datagram_count(), 14U);  // of 128 bytes more than 1000 each
        EXPECT_LE(batch.datagram_count(), 16U);
        EXPECT_EQ(stats.dropped_by_kernel, 0U);
        EXPECT_EQ(batch.datagram_count() + dropped_of(stats), 10 * burst_count);
        for (const Datagram& datagram : batch) {
          EXPECT_EQ(datagram.payload().size(), payload_bytes);
        }
      });
    }
  }
}

// The queue is allowed more than there is memory for: then that is the bound.
TEST_P(UdpFloodTest, ASpentBudgetPausesAndLosesNothingUncounted) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = budget_bytes;
  run_net(small, []() -> Task<void> {
    auto [server, client] = test::udp_pair({.receive_bytes_max = 64U << 20,
                                            .overflow = OverflowPolicy::drop_oldest,
                                            .receive_offload = Switch::off,
                                            .receive_buffer_bytes = 256U << 10});

    co_await flood(&client, bursts);
    const Rest rest = co_await read_rest(&server, &client);

    EXPECT_GT(server.stats().receive_pauses, 0U);
    EXPECT_GT(dropped_of(server.stats()), 0U);
    EXPECT_EQ(rest.delivered + dropped_of(server.stats()), bursts * burst_count + rest.sent);
  });
}

TEST_P(UdpFloodTest, TheKernelCountsATrainThatItDropsAsOne) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = budget_bytes;
  run_net(small, []() -> Task<void> {
    auto [server, client] = test::udp_pair({.receive_buffer_bytes = 256U << 10});

    co_await flood(&client, bursts);
    // Makes room, so that none of those sent to end it is dropped.
    const std::size_t first = (co_await server.receive()).value().datagram_count();
    const Rest rest = co_await read_rest(&server, &client);

    const UdpStats stats = server.stats();
    EXPECT_GT(stats.dropped_by_kernel, 0U);
    EXPECT_EQ(stats.dropped_by_kernel, dropped_of(stats));
    EXPECT_EQ(first + rest.delivered + burst_count * stats.dropped_by_kernel,
              bursts * burst_count + rest.sent);
  });
}

}  // namespace
}  // namespace weir
