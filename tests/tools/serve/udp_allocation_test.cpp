// The warm services over UDP allocate nothing, neither through weir's own door nor through operator
// new. Slabs come from the pool and are counted there.
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/allocation/new_counter.h"
#include "tests/support/net_fixture.h"
#include "tools/weir/serve/udp_services.h"
#include "weir/base/allocate.h"
#include "weir/protocols/datagram_header.h"

namespace weir::tools::serve {
namespace {

class UdpAllocationTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpAllocationTest);

constexpr int warm_up_rounds = 50;
constexpr int counted_rounds = 200;
constexpr std::size_t datagrams_a_round = 48;

enum class Reply : std::uint8_t { expected, none };

using Payload = std::array<std::byte, 100>;

std::uint64_t allocations() { return allocation_count() + test::new_count(); }

/// Sends numbered datagrams, some of which make trains. Waits for what comes back of each round, or
/// until the service has seen it.
class Client {
 public:
  Client(UdpSocket* socket, const Address& server, const UdpReport* report)
      : socket_(socket), report_(report) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const std::span<const std::byte> payload(payloads_[i]);
      entries_[i] = {.payload = i < 20 ? payload : payload.first(50 + i % 4), .peer = server};
    }
  }

  Task<void> ask(int rounds, Reply reply) {
    for (; rounds > 0; --rounds) {
      for (Payload& payload : payloads_) {
        protocols::DatagramHeader{.stream_id = 1, .sequence = sequence_++}.encode(payload);
      }
      const SendOutcome outcome = co_await socket_->send(entries_);
      if (outcome.refused) co_return;
      for (std::size_t came = 0; reply == Reply::expected && came < datagrams_a_round;) {
        const Result<DatagramBatch> batch = co_await socket_->receive();
        if (!batch || batch->empty()) co_return;
        came += batch->datagram_count();
      }
      while (report_->datagrams_in < sequence_) co_await yield();
      ++rounds_done;
    }
  }

  int rounds_done = 0;

 private:
  UdpSocket* socket_;
  const UdpReport* report_;
  std::array<Payload, datagrams_a_round> payloads_{};
  std::array<OutgoingDatagram, datagrams_a_round> entries_{};
  std::uint64_t sequence_ = 0;
};

using Service = std::function<Task<Result<void>>(UdpSocket, UdpReport*)>;

Task<void> run_into(Task<Result<void>> serving, std::optional<Result<void>>* result) {
  result->emplace(co_await std::move(serving));
}

Task<void> serve_without_allocating(Service service, Reply reply) {
  UdpSocket server = UdpSocket::bind(Address::loopback(0)).value();
  const Address address = server.local_address().value();
  UdpSocket socket = UdpSocket::bind(Address::loopback(0)).value();
  UdpReport report;
  std::optional<Result<void>> served;
  Scope serving;
  serving.spawn(run_into(service(std::move(server), &report), &served));
  Client client(&socket, address, &report);
  co_await client.ask(warm_up_rounds, reply);
  Task<void> asking = client.ask(counted_rounds, reply);  // its frame is not the service's

  const std::uint64_t before = allocations();
  co_await std::move(asking);
  const std::uint64_t after = allocations();

  EXPECT_EQ(after - before, 0U);
  EXPECT_EQ(client.rounds_done, warm_up_rounds + counted_rounds);
  Runtime::current().drain();
  (void)co_await serving.join();
  EXPECT_TRUE(served && *served);
  EXPECT_EQ(report.refused.total(), 0U);
}

TEST_P(UdpAllocationTest, Echo) {
  run_net([]() -> Task<void> {
    return serve_without_allocating(
        [](UdpSocket socket, UdpReport* report) {
          return answer_datagrams(std::move(socket), Answer::same_bytes, report);
        },
        Reply::expected);
  });
}

TEST_P(UdpAllocationTest, Upper) {
  run_net([]() -> Task<void> {
    return serve_without_allocating(
        [](UdpSocket socket, UdpReport* report) {
          return answer_datagrams(std::move(socket), Answer::upper_case, report);
        },
        Reply::expected);
  });
}

TEST_P(UdpAllocationTest, Sink) {
  run_net([]() -> Task<void> {
    return serve_without_allocating(
        [](UdpSocket socket, UdpReport* report) {
          return count_datagrams(std::move(socket), Follow::streams, report);
        },
        Reply::none);
  });
}

}  // namespace
}  // namespace weir::tools::serve
