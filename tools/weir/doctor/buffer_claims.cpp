// What the tutorial says about the kernel's socket buffers (socket(7), tcp(7)).
#include <sys/socket.h>

#include <fmt/format.h>

#include "tools/weir/doctor/socket_claims.h"

namespace weir::tools::doctor {
namespace {

constexpr std::int64_t claimed_bytes = 8192;
// More than any system allows; what setsockopt takes is an int.
constexpr int excessive_bytes = 1 << 30;
constexpr std::size_t full_bytes_max = std::size_t{64} << 20;

/// A claim about a size of 8 KiB, which older systems had.
constexpr ClaimVerdict judge_size(std::int64_t bytes) noexcept {
  return bytes == claimed_bytes ? ClaimVerdict::holds : ClaimVerdict::no_longer_holds;
}

SocketClaim measure_tcp_default() {
  Experiment experiment;
  const int fresh = experiment.open(SOCK_STREAM);
  const std::int64_t receive = experiment.option(fresh, SOL_SOCKET, SO_RCVBUF);
  const std::int64_t send = experiment.option(fresh, SOL_SOCKET, SO_SNDBUF);
  const Connection connection = experiment.tcp_connection();
  const std::int64_t connected = experiment.option(connection.first, SOL_SOCKET, SO_SNDBUF);
  return conclude(
      experiment,
      {.name = "tcp_buffer_default",
       .claim = "the buffers of a TCP socket have 8 KiB",
       .verdict = judge_size(receive),
       .measured = fmt::format("{} in, {} out once connected", digits(receive), digits(connected)),
       .values = {
           {"receive_bytes", receive}, {"send_bytes", send}, {"send_connected_bytes", connected}}});
}

SocketClaim measure_udp_default() {
  Experiment experiment;
  const int fresh = experiment.open(SOCK_DGRAM);
  const std::int64_t receive = experiment.option(fresh, SOL_SOCKET, SO_RCVBUF);
  const std::int64_t send = experiment.option(fresh, SOL_SOCKET, SO_SNDBUF);
  return conclude(experiment,
                  {.name = "udp_buffer_default",
                   .claim = "the buffers of a UDP socket have 8 KiB",
                   .verdict = judge_size(receive),
                   .measured = fmt::format("{} in, {} out", digits(receive), digits(send)),
                   .values = {{"receive_bytes", receive}, {"send_bytes", send}}});
}

/// The kernel doubles what is asked for, to have room for its own bookkeeping.
SocketClaim measure_doubling() {
  Experiment experiment;
  const int fd = experiment.open(SOCK_STREAM);
  experiment.set_option(fd, SOL_SOCKET, SO_RCVBUF, static_cast<int>(claimed_bytes));
  const std::int64_t reported = experiment.option(fd, SOL_SOCKET, SO_RCVBUF);
  return conclude(
      experiment,
      {.name = "buffer_doubling",
       .claim = "a buffer gets the size that is set",
       .verdict = reported == claimed_bytes ? ClaimVerdict::holds : ClaimVerdict::is_false,
       .measured = fmt::format("{} set, {} reported", digits(claimed_bytes), digits(reported)),
       .values = {{"set_bytes", claimed_bytes}, {"reported_bytes", reported}}});
}

SocketClaim measure_cap(const SystemFiles& files) {
  Experiment experiment;
  const int fd = experiment.open(SOCK_STREAM);
  experiment.set_option(fd, SOL_SOCKET, SO_RCVBUF, excessive_bytes);
  const std::int64_t reported = experiment.option(fd, SOL_SOCKET, SO_RCVBUF);
  SocketClaim claim{
      .name = "buffer_cap",
      .claim = "a buffer can be set to any size",
      .verdict = reported >= excessive_bytes ? ClaimVerdict::holds : ClaimVerdict::is_false,
      .measured = fmt::format("{} of 1 GiB", digits(reported)),
      .values = {{"set_bytes", excessive_bytes}, {"reported_bytes", reported}}};
  // Some containers do not show it.
  const std::string limit_text = files.read_line("proc/sys/net/core/rmem_max").value_or("");
  if (const auto limit = parse_number(limit_text)) {
    claim.measured += fmt::format("; rmem_max {}", digits(static_cast<std::int64_t>(*limit)));
    claim.values.emplace_back("rmem_max_bytes", static_cast<std::int64_t>(*limit));
  }
  return conclude(experiment, std::move(claim));
}

SocketClaim measure_full() {
  Experiment experiment;
  const Connection connection = experiment.tcp_connection();
  const std::int64_t taken = experiment.send_until_full(connection.first, full_bytes_max);
  return conclude(experiment, {.name = "send_until_full",
                               .claim = "send stops after 8 KiB that nobody reads",
                               .verdict = judge_size(taken),
                               .measured = fmt::format("{} bytes before EAGAIN", digits(taken)),
                               .values = {{"taken_bytes", taken}}});
}

}  // namespace

std::vector<SocketClaim> measure_buffer_claims(const SystemFiles& files) {
  return {measure_tcp_default(), measure_udp_default(), measure_doubling(), measure_cap(files),
          measure_full()};
}

}  // namespace weir::tools::doctor
