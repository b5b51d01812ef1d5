#include <array>
#include <cerrno>
#include <vector>

#include "bench/gates/course.h"
#include "weir/net/udp_socket.h"

namespace weir::gates {
namespace {

constexpr std::size_t datagram_bytes = 1200;
constexpr std::uint64_t train_datagrams = 16;

/// What came as a train leaves as one.
Task<Result<void>> serve_echo(Course* course) {
  Result<UdpSocket> socket = UdpSocket::bind(Address::loopback(0));
  if (!socket) co_return std::unexpected(socket.error());
  const Result<Address> address = socket->local_address();
  if (!address) co_return std::unexpected(address.error());
  const Result<void> begun = course->begin_asking(*address);
  if (!begun) co_return begun;
  std::vector<OutgoingDatagram> answers;
  for (;;) {
    const Result<DatagramBatch> batch = co_await socket->receive();
    if (!batch) co_return std::unexpected(batch.error());
    if (batch->empty()) co_return Result<void>();
    answers.clear();
    for (const DatagramTrain& train : batch->trains()) {
      course->ledger().arrive(train.payload.size());
      answers.push_back({.payload = train.payload.bytes(),
                         .peer = train.peer,
                         .segment_bytes = train.segment_bytes});
    }
    const SendOutcome sent = co_await socket->send(answers);
    if (!sent) co_return std::unexpected(sent.refused);
  }
}

Result<void> ask(Course& course) {
  const Scenario& scenario = course.scenario();
  const bool is_train = scenario.requests_per_round > 1;
  const Result<PeerSocket> socket = PeerSocket::connect_udp(
      course.server(), is_train ? static_cast<std::uint32_t>(scenario.request_bytes) : 0);
  if (!socket) return std::unexpected(socket.error());
  std::vector<std::byte> round(scenario.round_bytes());
  for (std::size_t i = 0; i < round.size(); ++i) round[i] = static_cast<std::byte>(i * 7 + i / 251);
  return course.ask_rounds(*socket, round);
}

constexpr auto scenarios = std::to_array<Scenario>({
    {.name = "UDP echo, trains of 16 x 1200 B",
     .request_bytes = datagram_bytes,
     .requests_per_round = train_datagrams,
     .counts_segments = false,
     .serve = serve_echo,
     .ask = ask},
    {.name = "UDP echo, 1200 B, one at a time",
     .request_bytes = datagram_bytes,
     .requests_per_round = 1,
     .counts_segments = false,
     .serve = serve_echo,
     .ask = ask},
});

}  // namespace

std::span<const Scenario> datagram_scenarios() noexcept { return scenarios; }

}  // namespace weir::gates
