// Whether the run was what was asked for, and its results fit where they were kept.
#include <chrono>
#include <system_error>

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/trust/trust_rules.h"

namespace weir::tools::load {
namespace {

/// A cache or a timer that warms up is most of a shorter run.
constexpr std::chrono::nanoseconds run_min = std::chrono::seconds(1);

/// What would let more connections be made. \param descriptors  that it takes
std::string remedy_of(const std::error_code& cause, std::uint64_t descriptors) {
  if (cause == std::errc::too_many_files_open) return fmt::format("`ulimit -n {}`", descriptors);
  if (cause == std::errc::too_many_files_open_in_system) return "a larger sysctl fs.file-max";
  if (cause == std::errc::address_not_available) {
    return "more local ports (sysctl net.ipv4.ip_local_port_range), or several --source";
  }
  return cause ? fmt::format("a server that takes them ({})", cause.message()) : std::string();
}

}  // namespace

std::optional<TrustCheck> check_connections(const LoadReport& report) {
  const ConnectionCounts& counts = report.connections;
  const std::uint64_t wanted = report.options.connections + counts.idle_requested;
  const std::uint64_t made = counts.established + counts.idle_established;
  TrustCheck check{.rule = TrustRule::connections,
                   .ok = made >= wanted,
                   .value = static_cast<double>(made),
                   .limit = static_cast<double>(wanted),
                   .unit = "count",
                   .text = fmt::format("{} of {} connections were made", format_count(made),
                                       format_count(wanted))};
  if (check.ok) return check;
  check.text = fmt::format("only {} of {} connections were made: the load was another one",
                           format_count(made), format_count(wanted));
  check.remedy = remedy_of(report.errors.cause(ErrorKind::connect), wanted + 100);
  if (counts.established > 0) {
    check.remedy +=
        fmt::format("{}--conns {}", check.remedy.empty() ? "" : ", or ", counts.established);
  }
  return check;
}

std::optional<TrustCheck> check_latency_range(const LoadReport& report) {
  const Histogram& latency = report.latency.primary().all();
  if (latency.empty()) return std::nullopt;
  TrustCheck check{.rule = TrustRule::latency_range,
                   .ok = latency.clipped_count() == 0,
                   .value = static_cast<double>(latency.clipped_count()),
                   .limit = 0,
                   .unit = "count",
                   .text = "every latency was within the range of the histogram"};
  if (check.ok) return check;
  check.text = fmt::format("{} took longer than an hour and count as an hour",
                           plural(latency.clipped_count(), "answer"));
  check.remedy = "--timeout 10m";
  return check;
}

std::optional<TrustCheck> check_run_length(const LoadReport& report) {
  TrustCheck check{.rule = TrustRule::run_length,
                   .ok = report.measured >= run_min,
                   .weight = TrustWeight::note,
                   .value = static_cast<double>(report.measured.count()),
                   .limit = static_cast<double>(run_min.count()),
                   .unit = "ns",
                   .text = fmt::format("{} were measured", format_seconds(report.measured))};
  if (check.ok) return check;
  check.text = fmt::format("{} is short: a cache or a timer that warms up shows",
                           format_seconds(report.measured));
  check.remedy = report.options.requests_max ? "-d 10s without -n" : "-d 10s";
  return check;
}

}  // namespace weir::tools::load
