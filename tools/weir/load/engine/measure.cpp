#include "tools/weir/load/engine/measure.h"

#include <chrono>

#include "tools/weir/common/backend_choice.h"
#include "tools/weir/common/system_files.h"
#include "tools/weir/common/version.h"
#include "tools/weir/load/engine/conductor.h"
#include "tools/weir/load/kernel/udp_socket_table.h"
#include "weir/weir.h"

namespace weir::tools::load {
namespace {

Task<Result<void>> run_measurement(const Options* options, const RunSinks* sinks,
                                   LoadReport* report) {
  Conductor conductor(*options, *sinks, *report);
  co_await conductor.run();
  co_return Result<void>();
}

/// What of the pool a shard needs at most for what is in flight: all of it twice.
std::size_t buffer_budget(const Options& options) noexcept {
  constexpr std::size_t least = std::size_t{64} << 20;
  constexpr std::size_t most = std::size_t{2} << 30;
  const std::size_t in_flight =
      std::size_t{options.connections} * options.depth * options.message_bytes;
  return std::clamp(2 * in_flight / options.shards, least, most);
}

}  // namespace

std::expected<LoadReport, std::string> measure(const Options& options, const RunSinks& sinks) {
  LoadReport report;
  report.options = options;
  report.version_line = version_line();
  report.is_optimized = build_kind() == "release";
  report.machine = read_machine(SystemFiles());
  report.start = std::chrono::system_clock::now();
  const RuntimeOptions runtime{.shards = options.shards,
                               .backend = options.backend,
                               .cpus = options.cpus,
                               .buffer_budget_bytes = buffer_budget(options),
                               .adaptive = false,  // it measures
                               .drain_timeout = options.timeout + std::chrono::seconds(5)};
  std::optional<UdpSocketDrops> peer_before;
  if (options.target.transport == Transport::datagram) {
    report.datagrams.emplace();
    report.datagrams->host_before = read_udp_host_counters(SystemFiles());
    peer_before = read_udp_sockets(options.target.address);
  }
  const Result<void> ended =
      weir::run(runtime, [&] { return run_measurement(&options, &sinks, &report); });
  if (!ended) return std::unexpected(explain_run_error(options.backend, ended.error()));
  if (report.datagrams) {
    report.datagrams->host_after = read_udp_host_counters(SystemFiles());
    const auto peer_after = read_udp_sockets(options.target.address);
    if (peer_before && peer_after) {
      report.datagrams->peer_drops = drops_between(*peer_before, *peer_after);
    }
  }
  return report;
}

}  // namespace weir::tools::load
