#include "tools/weir/bench/nagle/path_relay.h"

namespace weir::tools::bench {

using delay_relay::OrProblem;
using delay_relay::PathEnd;

OrProblem<PathRelay> PathRelay::start(const delay_relay::EmulatedPath& path,
                                      std::chrono::nanoseconds rtt) {
  std::uint64_t unread = 0;
  for (const PathEnd* const end : {&path.client(), &path.server()}) {
    unread += end->device.dropped_count(end->home);
  }
  auto thread = delay_relay::RelayThread::start(path, {.relay = {.rtt = rtt}});
  if (!thread) return std::unexpected(thread.error());
  return PathRelay(std::move(*thread), unread);
}

OrProblem<RelayRecord> PathRelay::stop() {
  const OrProblem<delay_relay::RelayReport> report = thread_->stop();
  if (!report) return std::unexpected(report.error());
  std::uint64_t lost = report->unread_to_server + report->unread_to_client - unread_before_;
  for (const auto* const way : {&report->counts.to_server, &report->counts.to_client}) {
    lost += way->dropped_full + way->refused;
  }
  return RelayRecord{.late_p99 = delay_relay::lateness_p99(*report),
                     .packets_lost = lost,
                     .is_realtime = report->is_realtime};
}

}  // namespace weir::tools::bench
