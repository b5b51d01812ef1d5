// A warm echo of datagrams allocates nothing, neither singly nor in trains: see
// echo_allocation_test.cpp for what is counted.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/allocation/heap_taken.h"
#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::HeapTaken;

class UdpAllocationTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpAllocationTest);

constexpr int udp_warm_up_rounds = 200;
constexpr int udp_counted_rounds = 500;

/// Sends back what comes: train by train, or one by one.
enum class Answer : std::uint8_t { trains, datagrams };
Task<void> echo_datagrams(UdpSocket* socket, Answer answer) {
  std::vector<OutgoingDatagram> answers;
  for (;;) {
    const Result<DatagramBatch> batch = co_await socket->receive();
    if (!batch || batch->empty()) co_return;
    answers.clear();
    if (answer == Answer::trains) {
      for (const DatagramTrain& train : batch->trains()) {
        answers.push_back({.payload = train.payload.bytes(),
                           .peer = train.peer,
                           .segment_bytes = train.segment_bytes});
      }
    } else {
      for (const Datagram& datagram : *batch) {
        answers.push_back({.payload = datagram.payload(), .peer = datagram.peer()});
      }
    }
    const SendOutcome sent = co_await socket->send(answers);
    EXPECT_TRUE(sent) << sent.refused.message();
  }
}

/// Sends `batch` and takes `count` answers, `rounds` times. \returns what was taken from the heap
Task<void> ask(UdpSocket* client, const std::vector<OutgoingDatagram>* batch, std::size_t count,
               HeapTaken* taken) {
  HeapTaken before;
  for (int round = 0; round < udp_warm_up_rounds + udp_counted_rounds; ++round) {
    if (round == udp_warm_up_rounds) before = HeapTaken::now();
    const SendOutcome sent = co_await client->send(*batch);
    if (!sent) co_return;
    std::size_t answers = 0;
    while (answers < count) {
      const Result<DatagramBatch> got = co_await client->receive();
      if (!got || got->empty()) co_return;
      answers += got->datagram_count();
    }
  }
  const HeapTaken after = HeapTaken::now();
  *taken = {.blocks = after.blocks - before.blocks, .news = after.news - before.news};
}

Task<void> echo_without_allocating(Answer answer, std::vector<OutgoingDatagram> batch,
                                   std::size_t count) {
  auto [server, client] = test::udp_pair({.receive_buffer_bytes = 4U << 20});
  client.set_receive_buffer(4U << 20).value();
  HeapTaken taken{.blocks = 999, .news = 999};
  Scope scope;
  scope.spawn(echo_datagrams(&server, answer));

  co_await ask(&client, &batch, count, &taken);
  server.close();
  (void)co_await scope.join();

  EXPECT_EQ(taken.blocks, 0U);
  EXPECT_EQ(taken.news, 0U);
  EXPECT_GE(client.stats().datagrams_received, count * udp_counted_rounds);
}

TEST_P(UdpAllocationTest, OneDatagramAtATime) {
  run_net([]() -> Task<void> {
    return echo_without_allocating(Answer::datagrams, {{.payload = test::bytes_of("hello")}}, 1);
  });
}

TEST_P(UdpAllocationTest, ABatchOfUnequalDatagrams) {
  run_net([]() -> Task<void> {
    static const std::string memory(3000, 'x');
    std::vector<OutgoingDatagram> batch;
    for (std::size_t size = 0; size < 3000; size += 100) {
      batch.push_back({.payload = test::bytes_of(memory).first(size)});
    }
    const std::size_t count = batch.size();
    return echo_without_allocating(Answer::datagrams, std::move(batch), count);
  });
}

TEST_P(UdpAllocationTest, TrainsAsTrains) {
  run_net([]() -> Task<void> {
    static const std::string memory(48'000, 'x');
    const OutgoingDatagram train{.payload = test::bytes_of(memory), .segment_bytes = 1200};
    return echo_without_allocating(Answer::trains, {train, train, train}, 120);
  });
}

TEST_P(UdpAllocationTest, TrainsThatAreAnsweredOneByOne) {
  run_net([]() -> Task<void> {
    static const std::string memory(48'000, 'x');
    const OutgoingDatagram train{.payload = test::bytes_of(memory), .segment_bytes = 1200};
    return echo_without_allocating(Answer::datagrams, {train, train, train}, 120);
  });
}

}  // namespace
}  // namespace weir
