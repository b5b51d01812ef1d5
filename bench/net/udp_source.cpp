// Question: what does sending datagrams cost? Sends to one peer as fast as the kernel takes them,
// for a while, and says how many those were and how much CPU they took.
//
//     weir_udp_source --to ADDRESS --duration SECONDS [--size BYTES] [--trains on|off]
//                     [--gso on|off] [--backend NAME] [--cpu N] [--gated]
//
//     --trains on      entries that are trains already, 4 a send
//     --trains off     32 single datagrams a send, which the library makes trains of
//     --gso off        and the same without the kernel's help, one by one
//
// Prints one line of JSON with the names that `raw_udp source` has. With --gated it prints
// `CONNECTED`, then does one run for each line on stdin. What the kernel takes is not what arrives:
// ask the receiver.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "bench/peers/peer_process.h"
#include "weir/weir.h"

namespace {

using peer::now_ns;

/// What IPv4 lets a datagram or a train carry, and the datagrams that every kernel with UDP_SEGMENT
/// takes in one train.
constexpr std::size_t train_bytes_max = 65507;
constexpr std::size_t train_datagrams_max = 64;

// So many datagrams, or trains of them, as the raw loops send between two looks at the clock.
constexpr std::size_t singles_a_send = 32;
constexpr std::size_t trains_a_send = 4;

struct SourceOptions {
  weir::Address to;
  std::size_t payload_bytes = 64;
  std::chrono::nanoseconds duration{0};
  bool trains = true;
  weir::Switch gso = weir::Switch::on;
  weir::Backend backend = weir::Backend::automatic;
  int cpu = -1;
  bool gated = false;
};

struct Run {
  std::uint64_t sends = 0;
  std::uint64_t refused = 0;
  double seconds = 0;
  std::uint64_t cpu_ns = 0;
};

/// \param entries  of the payload, which outlives it
std::vector<weir::OutgoingDatagram> make_entries(const SourceOptions& options,
                                                 std::span<const std::byte> payload) {
  weir::OutgoingDatagram entry{.payload = payload.first(options.payload_bytes), .peer = options.to};
  if (!options.trains) return std::vector(singles_a_send, entry);
  const std::size_t datagrams =
      std::min(train_datagrams_max, train_bytes_max / options.payload_bytes);
  entry.payload = payload.first(datagrams * options.payload_bytes);
  entry.segment_bytes = static_cast<std::uint32_t>(options.payload_bytes);
  return std::vector(trains_a_send, entry);
}

void print_report(const SourceOptions& options, const Run& run, const weir::UdpStats& before,
                  const weir::UdpStats& after) {
  const std::uint64_t datagrams = after.datagrams_sent - before.datagrams_sent;
  peer::Report out;
  out.text("server", "weir_udp_source");
  out.text("variant", options.trains ? "trains" : "singles");
  out.text("job", "source");
  out.number("requests", datagrams);
  out.number("bytes", after.bytes_sent - before.bytes_sent);
  out.number("sent", datagrams);
  out.number("trains", after.trains_sent - before.trains_sent);
  out.number("fallbacks", after.offload_fallbacks - before.offload_fallbacks);
  out.number("refused", run.refused);
  out.number("sends", run.sends);
  out.number("waits", after.send_waits - before.send_waits);
  out.number("errors", std::uint64_t{0});
  out.number("seconds", run.seconds);
  out.number("requests_per_second", static_cast<double>(datagrams) / run.seconds);
  out.number("cpu_ns", run.cpu_ns);
  out.end();
}

/// What the kernel refuses is left out, and counted.
weir::Task<Run> send_for(weir::UdpSocket* socket, std::span<const weir::OutgoingDatagram> entries,
                         std::chrono::nanoseconds duration) {
  Run run;
  const std::uint64_t start_ns = now_ns(CLOCK_MONOTONIC);
  const std::uint64_t start_cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
  const std::uint64_t end_ns = start_ns + static_cast<std::uint64_t>(duration.count());
  while (now_ns(CLOCK_MONOTONIC) < end_ns) {
    const weir::SendOutcome outcome = co_await socket->send(entries);
    ++run.sends;
    if (outcome.refused) ++run.refused;
  }
  run.seconds = static_cast<double>(now_ns(CLOCK_MONOTONIC) - start_ns) / 1e9;
  run.cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID) - start_cpu_ns;
  co_return run;
}

weir::Task<weir::Result<void>> send_runs(const SourceOptions* options) {
  const bool is_ipv6 = options->to.family() == weir::AddressFamily::ipv6;
  const weir::Address from = is_ipv6 ? weir::Address::any_ipv6(0) : weir::Address::any(0);
  const weir::UdpOptions socket_options{.send_offload = options->gso,
                                        .errors = weir::Switch::off,
                                        .send_buffer_bytes = std::uint32_t{4} << 20};
  weir::Result<weir::UdpSocket> socket = weir::UdpSocket::bind(from, socket_options);
  if (!socket) co_return std::unexpected(socket.error());
  const std::vector<std::byte> payload(train_bytes_max);
  const std::vector<weir::OutgoingDatagram> entries = make_entries(*options, payload);
  if (options->gated) {
    std::puts("CONNECTED");
    std::fflush(stdout);
  }
  char line[64];
  // Nothing else runs on this shard: it may block.
  while (!options->gated || std::fgets(line, sizeof line, stdin) != nullptr) {
    const weir::UdpStats before = socket->stats();
    const Run run = co_await send_for(&*socket, entries, options->duration);
    print_report(*options, run, before, socket->stats());
    if (!options->gated) break;
  }
  co_return weir::Result<void>();
}

SourceOptions parse(int count, char** values) {
  peer::Arguments arguments{
      count, values,
      "usage: weir_udp_source --to ADDRESS --duration SECONDS [--size BYTES] [--trains on|off]\n"
      "                       [--gso on|off] [--backend NAME] [--cpu N] [--gated]\n"};
  SourceOptions options;
  while (const char* flag = arguments.next()) {
    const auto is = [&](const char* name) { return std::strcmp(flag, name) == 0; };
    if (is("--to")) {
      options.to = weir::Address::parse(arguments.text()).value_or(weir::Address());
    } else if (is("--size")) {
      options.payload_bytes = arguments.whole(1, train_bytes_max);
    } else if (is("--duration")) {
      options.duration =
          std::chrono::nanoseconds(static_cast<std::int64_t>(arguments.number(0.001, 3600) * 1e9));
    } else if (is("--trains")) {
      options.trains = arguments.either("on", "off");
    } else if (is("--gso")) {
      options.gso = arguments.either("on", "off") ? weir::Switch::on : weir::Switch::off;
    } else if (is("--backend")) {
      const weir::Result<weir::Backend> backend = weir::parse_backend(arguments.text());
      if (!backend) arguments.usage();
      options.backend = *backend;
    } else if (is("--cpu")) {
      options.cpu = static_cast<int>(arguments.whole(0, CPU_SETSIZE - 1));
    } else if (is("--gated")) {
      options.gated = true;
    } else {
      arguments.usage();
    }
  }
  if (!options.to.is_ip() || options.duration.count() == 0) arguments.usage();
  return options;
}

}  // namespace

int main(int count, char** values) {
  const SourceOptions options = parse(count, values);
  peer::pin_to_cpu(options.cpu);
  const weir::Result<void> sent =
      weir::run({.shards = 1, .backend = options.backend, .signals = weir::SignalPolicy::leave},
                [&] { return send_runs(&options); });
  if (sent) return 0;
  std::fprintf(stderr, "weir_udp_source: %s\n", sent.error().message().c_str());
  return 1;
}
