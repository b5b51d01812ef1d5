// Whether the generator and the machine below it had time for the run.
#include <algorithm>

#include <fmt/format.h>

#include "tools/weir/load/trust/trust_rules.h"

namespace weir::tools::load {
namespace {

constexpr double busy_seconds_max = 0.05;
constexpr double pressure_share_max = 0.1;

double percent(double share) noexcept { return share * 100; }

}  // namespace

std::string remedy_for_slow_generator(const LoadReport& report) {
  const unsigned shards = report.options.shards;
  // A shard more than there are processors takes time from the others.
  if (shards < report.machine.cpus_allowed) return fmt::format("--shards {}", shards + 1);
  return "a machine with more processors for the generator";
}

std::optional<TrustCheck> check_generator_busy(const LoadReport& report) {
  const HostUse& host = report.host;
  if (host.shard_busy_shares.empty()) return std::nullopt;
  const double most =
      *std::max_element(host.shard_busy_shares.begin(), host.shard_busy_shares.end());
  TrustCheck check{
      .rule = TrustRule::generator_busy,
      .ok = host.seconds_busy_share <= busy_seconds_max,
      .value = host.seconds_busy_share,
      .limit = busy_seconds_max,
      .unit = "ratio",
      .text = fmt::format("the busiest shard worked {:.0f} % of the time", percent(most))};
  if (check.ok) return check;
  check.text = fmt::format(
      "in {:.0f} % of the seconds a shard was over 90 % busy: answers may have waited for the "
      "generator",
      percent(host.seconds_busy_share));
  check.remedy =
      fmt::format("{}, or {}", remedy_for_slow_generator(report),
                  report.options.rate ? "a lower --rate" : "a smaller --depth or --conns");
  return check;
}

std::optional<TrustCheck> check_steal(const LoadReport& report) {
  if (!report.host.steal_share) return std::nullopt;
  const double share = *report.host.steal_share;
  TrustCheck check{
      .rule = TrustRule::steal,
      .ok = share <= steal_share_max,
      .value = share,
      .limit = steal_share_max,
      .unit = "ratio",
      .text = fmt::format("the hypervisor took {:.1f} % of the processors' time", percent(share))};
  if (check.ok) return check;
  check.text += ", in pauses that look like the server's";
  check.remedy =
      "the same command when `vmstat 1` shows no steal (st), or on a machine of one's own";
  return check;
}

std::optional<TrustCheck> check_pressure(const LoadReport& report) {
  if (!report.host.cpu_pressure_share) return std::nullopt;
  const double share = *report.host.cpu_pressure_share;
  TrustCheck check{.rule = TrustRule::pressure,
                   .ok = share <= pressure_share_max,
                   .value = share,
                   .limit = pressure_share_max,
                   .unit = "ratio",
                   .text = fmt::format("in {:.1f} % of the time something waited for a processor",
                                       percent(share))};
  if (check.ok) return check;
  check.text += ": generator and server had to share";
  check.remedy = "ending what else runs (`top` shows it), or fewer --shards";
  return check;
}

std::optional<TrustCheck> check_shared_cpus(const LoadReport& report) {
  const HostUse& host = report.host;
  if (!host.shares_cpus) return std::nullopt;
  TrustCheck check{.rule = TrustRule::shared_cpus,
                   .ok = !*host.shares_cpus,
                   .weight = TrustWeight::note,
                   .value = *host.shares_cpus ? 1.0 : 0.0,
                   .limit = 0,
                   .unit = "count",
                   .text = "generator and server run on processors of their own"};
  if (check.ok) return check;
  check.text = "generator and server may run on the same processors, and slow each other down";
  const unsigned cpus = report.machine.cpus_online;
  const unsigned shards = report.options.shards;
  if (cpus <= shards) {
    check.remedy = "another machine for the generator";
    return check;
  }
  const unsigned first = cpus - shards;
  const auto range = [](unsigned from, unsigned to) {
    return from == to ? fmt::format("{}", from) : fmt::format("{}-{}", from, to);
  };
  check.remedy = fmt::format("--cpus {} here, and `taskset -a -cp {} {}` for the server",
                             range(first, cpus - 1), range(0, first - 1),
                             host.server_pid ? fmt::format("{}", *host.server_pid) : "PID");
  return check;
}

std::optional<TrustCheck> check_optimized_build(const LoadReport& report) {
  TrustCheck check{.rule = TrustRule::optimized_build,
                   .ok = report.is_optimized,
                   .value = report.is_optimized ? 0.0 : 1.0,
                   .limit = 0,
                   .unit = "count",
                   .text = "this program is a release build"};
  if (check.ok) return check;
  check.text = "this program is not a release build: its numbers mean little";
  check.remedy = "cmake --preset release && cmake --build build/release";
  return check;
}

}  // namespace weir::tools::load
