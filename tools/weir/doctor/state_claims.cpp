// The packets and states of a TCP connection's beginning and end, through TCP_INFO (RFC 9293).
#include <chrono>

#include <fmt/format.h>

#include "tools/weir/doctor/socket_claims.h"

namespace weir::tools::doctor {
namespace {

SocketClaim measure_handshake() {
  Experiment experiment;
  const int listener = experiment.listen_tcp();
  const TcpCounts client = experiment.tcp_counts(experiment.connect_tcp(listener));
  const std::int64_t packets = client.segments_out + client.segments_in;
  const bool is_so = packets == 3 && client.state == established;
  return conclude(experiment, {.name = "handshake",
                               .claim = "connect takes three packets",
                               .verdict = is_so ? ClaimVerdict::holds : ClaimVerdict::is_false,
                               .measured = fmt::format("{}; {} before accept()", packets,
                                                       tcp_state_name(client.state)),
                               .values = {{"packets", packets},
                                          {"sent", client.segments_out},
                                          {"received", client.segments_in},
                                          {"state_before_accept", client.state}}});
}

enum class SecondEnds : std::uint8_t { at_once, when_acknowledged };

/// What was seen of a connection whose first side ended it before the second.
struct Ending {
  int first_half_closed = 0;  ///< states
  int second_half_closed = 0;
  int first_afterwards = 0;
  int second_afterwards = 0;
  std::int64_t acknowledged_after_us = 0;
  std::int64_t packets = 0;  ///< of the ending, both sides together
};

std::int64_t packets_sent(Experiment& experiment, const Connection& connection) {
  return experiment.tcp_counts(connection.first).segments_out +
         experiment.tcp_counts(connection.second).segments_out;
}

Ending end_connection(Experiment& experiment, SecondEnds second_ends) {
  Ending ending;
  const Connection connection = experiment.tcp_connection();
  const std::int64_t before = packets_sent(experiment, connection);
  experiment.end_sending(connection.first);
  if (second_ends == SecondEnds::when_acknowledged) {
    // The second side's kernel delays its acknowledgement, in the hope of something to send.
    const auto start = std::chrono::steady_clock::now();
    experiment.reaches_state(connection.first, fin_wait2);
    const std::chrono::duration<double, std::micro> passed =
        std::chrono::steady_clock::now() - start;
    ending.acknowledged_after_us = static_cast<std::int64_t>(passed.count());
  }
  ending.first_half_closed = experiment.tcp_counts(connection.first).state;
  ending.second_half_closed = experiment.tcp_counts(connection.second).state;
  experiment.end_sending(connection.second);
  ending.packets = packets_sent(experiment, connection) - before;
  ending.first_afterwards = experiment.listed_state(connection, connection.first);
  ending.second_afterwards = experiment.listed_state(connection, connection.second);
  return ending;
}

SocketClaim judge_half_closed(const Experiment& experiment, const Ending& ending) {
  const bool is_so =
      ending.first_half_closed == fin_wait2 && ending.second_half_closed == close_wait;
  return conclude(experiment,
                  {.name = "half_closed",
                   .claim = "half closed is FIN_WAIT2 and CLOSE_WAIT",
                   .verdict = is_so ? ClaimVerdict::holds : ClaimVerdict::is_false,
                   .measured = fmt::format("{} and {} after {:.1f} ms",
                                           tcp_state_name(ending.first_half_closed),
                                           tcp_state_name(ending.second_half_closed),
                                           static_cast<double>(ending.acknowledged_after_us) / 1e3),
                   .values = {{"first_state", ending.first_half_closed},
                              {"second_state", ending.second_half_closed},
                              {"acknowledged_after_us", ending.acknowledged_after_us}}});
}

SocketClaim judge_time_wait(const Experiment& experiment, const Ending& ending) {
  const bool is_so = ending.first_afterwards == time_wait && ending.second_afterwards == 0;
  return conclude(experiment, {.name = "time_wait",
                               .claim = "who ends first is left in TIME_WAIT",
                               .verdict = is_so ? ClaimVerdict::holds : ClaimVerdict::is_false,
                               .measured = fmt::format("{} there, {} at the other",
                                                       tcp_state_name(ending.first_afterwards),
                                                       tcp_state_name(ending.second_afterwards)),
                               .values = {{"first_state", ending.first_afterwards},
                                          {"second_state", ending.second_afterwards}}});
}

SocketClaim measure_close_packets(const Ending& late) {
  Experiment experiment;
  const Ending at_once = end_connection(experiment, SecondEnds::at_once);
  const bool is_so = late.packets == 4 && at_once.packets == 4;
  return conclude(
      experiment,
      {.name = "close_packets",
       .claim = "ending a connection takes four packets",
       .verdict = is_so ? ClaimVerdict::holds : ClaimVerdict::is_false,
       .measured =
           fmt::format("{}, or {} if the other ends at once", late.packets, at_once.packets),
       .values = {{"second_waits", late.packets}, {"second_ends_at_once", at_once.packets}}});
}

}  // namespace

std::vector<SocketClaim> measure_state_claims() {
  Experiment experiment;
  const Ending late = end_connection(experiment, SecondEnds::when_acknowledged);
  return {measure_handshake(), judge_half_closed(experiment, late),
          judge_time_wait(experiment, late), measure_close_packets(late)};
}

}  // namespace weir::tools::doctor
