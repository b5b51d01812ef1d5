// Only what theory leaves no doubt about.

#include <chrono>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/cell_table.h"
#include "tools/weir/bench/nagle/findings.h"
#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

using Problem = std::optional<std::string>;

constexpr const char* two_writes = "4 + 60 B";
/// A token bucket lets its burst pass at once.
constexpr double rate_tolerance = 1.05;

double ms_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

Problem check_stall(const CellTable& table, const std::string& path, const char* scenario) {
  const CellSummary* const nagle = table.find(path, scenario, two_writes, WriteMode::nagle);
  const CellSummary* const nodelay = table.find(path, scenario, two_writes, WriteMode::nodelay);
  if (nagle != nullptr && nagle->median(Metric::stalls) < stall_share_min) {
    return fmt::format(
        "{}: two small writes with Nagle's algorithm must wait for a delayed acknowledgement of "
        "40 ms, but {:.0f} % of the exchanges took over {:g} ms; is `quickack` set for the route, "
        "or the delay changed?",
        path, 100 * nagle->median(Metric::stalls), ms_of(nagle->spec.stall_limit));
  }
  if (nodelay != nullptr && nodelay->median(Metric::stalls) > stall_share_max) {
    return fmt::format(
        "{}: with TCP_NODELAY nothing waits, but {:.0f} % of the exchanges took over {:g} ms: this "
        "host is too busy for the study",
        path, 100 * nodelay->median(Metric::stalls), ms_of(nodelay->spec.stall_limit));
  }
  return std::nullopt;
}

/// Nothing gets over a path faster than the path is.
Problem check_path(const CellSummary& cell) {
  if (cell.rounds.empty()) return std::nullopt;
  if (!cell.spec.is_one_way() && cell.median(Metric::p50_us) < 1e3 * ms_of(cell.traits.rtt)) {
    return fmt::format("{}: an exchange took {}, less than the round-trip time", cell.path,
                       time_text(cell.median(Metric::p50_us)));
  }
  const double bits_per_s =
      8 * static_cast<double>(cell.spec.message_bytes()) * cell.median(Metric::messages_per_s);
  const auto limit = static_cast<double>(cell.traits.bits_per_s);
  if (limit > 0 && bits_per_s > rate_tolerance * limit) {
    return fmt::format("{}: {:.1f} Mbit/s of messages came over it, more than its rate", cell.path,
                       bits_per_s / 1e6);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> self_check(std::span<const CellSummary> cells) {
  const CellTable table(cells);
  for (const std::string& path : table.paths()) {
    for (const char* const scenario : {"N1", "N2"}) {
      if (Problem problem = check_stall(table, path, scenario)) return problem;
    }
  }
  for (const CellSummary& cell : cells) {
    if (Problem problem = check_path(cell)) return problem;
  }
  return std::nullopt;
}

}  // namespace weir::tools::bench
