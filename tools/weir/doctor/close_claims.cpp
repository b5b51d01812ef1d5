// What becomes of bytes that were sent when their sender closes (RFC 1122 4.2.2.13).
#include <cerrno>

#include <fmt/format.h>

#include "tools/weir/doctor/socket_claims.h"

namespace weir::tools::doctor {
namespace {

// More than a receiver takes in before it reads, less than a sender holds: at the close part of it
// is with each.
constexpr std::int64_t reply_bytes = 300'000;

enum class UnreadInput : std::uint8_t { none, some };

SocketClaim measure_close(UnreadInput input, SocketClaim claim) {
  Experiment experiment;
  const Connection connection = experiment.tcp_connection();
  experiment.send(connection.first, 6);
  experiment.wait_for_input(connection.second, 6);
  if (input == UnreadInput::none) experiment.receive(connection.second, 6);
  const std::int64_t sent = experiment.send_until_full(connection.second, reply_bytes);
  experiment.close(connection.second);

  const ReceivedToEnd all = experiment.receive_to_end(connection.first);
  const bool is_whole = all.bytes == sent && all.error == 0;
  claim.verdict = is_whole ? ClaimVerdict::holds : ClaimVerdict::is_false;
  claim.measured = fmt::format("{} of {}, then {}", digits(all.bytes), digits(sent),
                               all.error == 0            ? "the end"
                               : all.error == ECONNRESET ? "ECONNRESET"
                                                         : fmt::format("errno {}", all.error));
  claim.values = {{"sent_bytes", sent}, {"received_bytes", all.bytes}, {"errno", all.error}};
  return conclude(experiment, std::move(claim));
}

}  // namespace

std::vector<SocketClaim> measure_close_claims() {
  return {measure_close(UnreadInput::none, {.name = "close_delivers",
                                            .claim = "what was sent before close arrives",
                                            .measured = {},
                                            .values = {}}),
          measure_close(UnreadInput::some, {.name = "close_with_unread_input",
                                            .claim = "... also if close leaves input unread",
                                            .measured = {},
                                            .values = {}})};
}

}  // namespace weir::tools::doctor
