#include "tools/weir/load/trust/doubts.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"

namespace weir::tools::load {
namespace {

constexpr std::chrono::nanoseconds run_min = std::chrono::seconds(1);
// A shard this busy has no time left to receive an answer when it arrives.
constexpr double busy_share_max = 0.9;
// Thirds of a run on a quiet machine agree better than this; virtual machines move by 10 % for
// seconds on end.
constexpr double thirds_ratio_max = 1.15;
constexpr std::size_t seconds_for_thirds = 6;
// A sender that is late by less is one that the scheduler woke normally.
constexpr std::uint64_t send_lag_ns_min = 100'000;
constexpr double send_lag_share_max = 0.2;  // of the latency at the same percentile

std::optional<Doubt> doubt_generator(const LoadReport& report) {
  const double available = static_cast<double>(report.measured.count()) * report.options.shards;
  if (available <= 0) return std::nullopt;
  const double share = static_cast<double>(report.cpu_time.count()) / available;
  if (share <= busy_share_max) return std::nullopt;
  return Doubt{
      DoubtKind::generator_busy,
      fmt::format("the generator used {:.0f} % of its {} shard{}: it may be the limit, not "
                  "the server; try --shards {}",
                  share * 100, report.options.shards, report.options.shards == 1 ? "" : "s",
                  report.options.shards + 1)};
}

/// Largest over smallest answer count of the three thirds of the whole seconds.
double thirds_ratio(const std::vector<SecondSummary>& seconds) {
  const std::size_t third = seconds.size() / 3;
  std::array<double, 3> answered{};
  for (std::size_t i = 0; i < answered.size(); ++i) {
    const auto first = seconds.begin() + static_cast<std::ptrdiff_t>(i * third);
    answered[i] = std::accumulate(first, first + static_cast<std::ptrdiff_t>(third), 0.0,
                                  [](double sum, const SecondSummary& second) {
                                    return sum + static_cast<double>(second.answered);
                                  });
  }
  const auto [least, most] = std::minmax_element(answered.begin(), answered.end());
  return *most / std::max(*least, 1.0);
}

std::optional<Doubt> doubt_steadiness(const LoadReport& report) {
  if (report.seconds.size() < seconds_for_thirds) return std::nullopt;
  const double ratio = thirds_ratio(report.seconds.rows());
  if (ratio <= thirds_ratio_max) return std::nullopt;
  return Doubt{DoubtKind::unsteady,
               fmt::format("the rate moved: the fastest third of the run was {:.2f} times the "
                           "slowest",
                           ratio)};
}

/// What a fixed rate has to hold.
void doubt_schedule(const LoadReport& report, std::vector<Doubt>& doubts) {
  if (!report.options.rate || !report.datagrams) return;
  const DatagramResult& result = *report.datagrams;
  if (report.requests.sent < result.offered && !report.interrupted) {
    doubts.push_back(
        {DoubtKind::rate_missed,
         fmt::format(
             "only {:.1f} % of what was due could be sent: the generator is the limit; try "
             "--shards {}, or a lower rate",
             100 * static_cast<double>(report.requests.sent) / static_cast<double>(result.offered),
             report.options.shards + 1)});
  }
  const std::uint64_t lag = result.send_lag.value_at_percentile(99);
  const auto latency = static_cast<double>(report.latency.primary().all().value_at_percentile(99));
  if (lag > send_lag_ns_min && static_cast<double>(lag) > send_lag_share_max * latency) {
    doubts.push_back(
        {DoubtKind::send_lag,
         fmt::format("one in a hundred datagrams left {} after it was due: much of the latency is "
                     "the generator's",
                     format_duration(std::chrono::nanoseconds(lag), TextStyle()))});
  }
}

}  // namespace

std::string_view to_text(DoubtKind kind) noexcept {
  switch (kind) {
    case DoubtKind::generator_busy:
      return "generator_busy";
    case DoubtKind::short_run:
      return "short_run";
    case DoubtKind::few_connections:
      return "few_connections";
    case DoubtKind::latency_clipped:
      return "latency_clipped";
    case DoubtKind::unsteady:
      return "unsteady";
    case DoubtKind::rate_missed:
      return "rate_missed";
    case DoubtKind::send_lag:
      return "send_lag";
    case DoubtKind::unoptimized_build:
      return "unoptimized_build";
  }
  return {};
}

std::vector<Doubt> find_doubts(const LoadReport& report) {
  std::vector<Doubt> doubts;
  if (auto doubt = doubt_generator(report)) doubts.push_back(*std::move(doubt));
  if (report.measured < run_min) {
    doubts.push_back(
        {DoubtKind::short_run, fmt::format("{} is short: a cache or a timer that warms "
                                           "up shows; try -d 10s",
                                           format_seconds(report.measured))});
  }
  if (report.connections.established < report.options.connections) {
    doubts.push_back({DoubtKind::few_connections,
                      fmt::format("only {} of {} connections were made",
                                  report.connections.established, report.options.connections)});
  }
  if (report.latency.primary().all().clipped_count() > 0) {
    doubts.push_back({DoubtKind::latency_clipped,
                      fmt::format("{} answers took longer than an hour and count as an hour",
                                  report.latency.primary().all().clipped_count())});
  }
  if (auto doubt = doubt_steadiness(report)) doubts.push_back(*std::move(doubt));
  doubt_schedule(report, doubts);
  if (!report.is_optimized) {
    doubts.push_back({DoubtKind::unoptimized_build,
                      "this program is not a release build; its numbers mean little"});
  }
  return doubts;
}

}  // namespace weir::tools::load
