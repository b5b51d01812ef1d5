// What becomes of the boundaries between sends: TCP has none, UDP has (tcp(7), udp(7)).
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>

#include <fmt/format.h>

#include "tools/weir/doctor/socket_claims.h"

namespace weir::tools::doctor {
namespace {

enum class Nagle : std::uint8_t { on, off };

/// Two sends of 5 bytes, received once both are there.
std::int64_t receive_two_sends(Experiment& experiment, Nagle nagle) {
  const Connection connection = experiment.tcp_connection();
  const int nodelay = nagle == Nagle::off ? 1 : 0;
  experiment.set_option(connection.first, IPPROTO_TCP, TCP_NODELAY, nodelay);
  experiment.send(connection.first, 5);
  experiment.send(connection.first, 5);
  experiment.wait_for_input(connection.second, 10);
  return experiment.receive(connection.second, 1024).value_or(0);
}

SocketClaim measure_tcp_merges() {
  Experiment experiment;
  const std::int64_t received = receive_two_sends(experiment, Nagle::on);
  return conclude(experiment,
                  {.name = "tcp_merges",
                   .claim = "TCP sticks: two sends, one recv",
                   .verdict = received == 10 ? ClaimVerdict::holds : ClaimVerdict::is_false,
                   .measured = fmt::format("recv after 5 + 5 bytes: {}", received),
                   .values = {{"received_bytes", received}}});
}

SocketClaim measure_nagle() {
  Experiment experiment;
  const std::int64_t received = receive_two_sends(experiment, Nagle::off);
  return conclude(experiment,
                  {.name = "nagle_merges",
                   .claim = "it sticks because of Nagle's algorithm",
                   .verdict = received == 10 ? ClaimVerdict::is_false : ClaimVerdict::holds,
                   .measured = fmt::format("with TCP_NODELAY too: {}", received),
                   .values = {{"received_bytes", received}}});
}

SocketClaim measure_tcp_rest() {
  Experiment experiment;
  const Connection connection = experiment.tcp_connection();
  experiment.set_option(connection.first, IPPROTO_TCP, TCP_NODELAY, 1);
  experiment.send(connection.first, 5);
  experiment.send(connection.first, 5);
  experiment.wait_for_input(connection.second, 10);
  const std::int64_t first = experiment.receive(connection.second, 8).value_or(0);
  const std::int64_t second = experiment.receive(connection.second, 8).value_or(0);
  const bool is_so = first == 8 && second == 2;
  return conclude(experiment,
                  {.name = "tcp_rest",
                   .claim = "what TCP's recv leaves comes next",
                   .verdict = is_so ? ClaimVerdict::holds : ClaimVerdict::is_false,
                   .measured = fmt::format("recv(8) after 5 + 5: {}, then {}", first, second),
                   .values = {{"first_bytes", first}, {"second_bytes", second}}});
}

SocketClaim measure_udp_merges() {
  Experiment experiment;
  const Connection sockets = experiment.udp_connection();
  experiment.send(sockets.first, 10, MSG_MORE);
  experiment.send(sockets.first, 10);
  experiment.wait_for_input(sockets.second, 1);
  const std::int64_t received = experiment.receive(sockets.second, 1024).value_or(0);
  return conclude(experiment,
                  {.name = "udp_cork",
                   .claim = "UDP never sticks",
                   .verdict = received == 10 ? ClaimVerdict::holds : ClaimVerdict::is_false,
                   .measured = fmt::format("10 + 10 with MSG_MORE: a datagram of {}", received),
                   .values = {{"received_bytes", received}}});
}

/// UDP_SEGMENT, Linux 4.18: one send, many datagrams. UDP_GRO, Linux 5.0: many datagrams, one
/// receive.
SocketClaim measure_udp_offload() {
  Experiment experiment;
  const Connection sockets = experiment.udp_connection();
  experiment.set_option(sockets.first, IPPROTO_UDP, UDP_SEGMENT, 100);
  experiment.set_option(sockets.second, IPPROTO_UDP, UDP_GRO, 1);
  experiment.send(sockets.first, 1000);
  experiment.wait_for_input(sockets.second, 1);
  const std::int64_t received = experiment.receive(sockets.second, 4096).value_or(0);
  return conclude(experiment,
                  {.name = "udp_gro",
                   .claim = "a recv of UDP yields one datagram",
                   .verdict = received == 100 ? ClaimVerdict::holds : ClaimVerdict::is_false,
                   .measured = fmt::format("10 of 100 bytes with UDP_GRO: {}", digits(received)),
                   .values = {{"received_bytes", received}}});
}

SocketClaim measure_udp_rest() {
  Experiment experiment;
  const Connection sockets = experiment.udp_connection();
  experiment.send(sockets.first, 3000);
  experiment.wait_for_input(sockets.second, 1);
  const std::int64_t first = experiment.receive(sockets.second, 1024).value_or(0);
  const std::int64_t second = experiment.receive(sockets.second, 1024).value_or(0);
  const bool is_so = first == 1024 && second == 0;
  return conclude(
      experiment,
      {.name = "udp_rest",
       .claim = "what UDP's recv leaves is lost",
       .verdict = is_so ? ClaimVerdict::holds : ClaimVerdict::is_false,
       .measured = fmt::format("recv(1024) of 3000: {}, then {}", digits(first),
                               second == 0 ? "nothing" : digits(second)),
       .values = {{"sent_bytes", 3000}, {"first_bytes", first}, {"second_bytes", second}}});
}

SocketClaim measure_udp_loss() {
  // The kernel charges a datagram's bookkeeping to the buffer too, more than 200 bytes: so many do
  // not fit, however large the buffer is. Bounded, because it may be very large.
  constexpr std::int64_t charged_bytes_min = 200;
  constexpr std::int64_t sent_max = 100'000;
  Experiment experiment;
  const Connection sockets = experiment.udp_connection();
  const std::int64_t buffer = experiment.option(sockets.second, SOL_SOCKET, SO_RCVBUF);
  const std::int64_t sent = std::min(buffer / charged_bytes_min + 1, sent_max);
  for (std::int64_t count = 0; count < sent; ++count) experiment.send(sockets.first, 64);
  std::int64_t received = 0;
  while (experiment.receive(sockets.second, 64)) ++received;
  return conclude(experiment,
                  {.name = "udp_loss",
                   .claim = "UDP loses datagrams, also on loopback",
                   .verdict = received < sent ? ClaimVerdict::holds : ClaimVerdict::is_false,
                   .measured = fmt::format("{} of {} lost, no send failed", digits(sent - received),
                                           digits(sent)),
                   .values = {{"sent", sent}, {"received", received}}});
}

}  // namespace

std::vector<SocketClaim> measure_boundary_claims() {
  return {measure_tcp_merges(), measure_nagle(),       measure_tcp_rest(), measure_udp_merges(),
          measure_udp_rest(),   measure_udp_offload(), measure_udp_loss()};
}

}  // namespace weir::tools::doctor
