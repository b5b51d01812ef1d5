#include "tools/weir/load/report/latency_rows.h"

#include <array>
#include <utility>

namespace weir::tools::load {
namespace {

struct SeriesPercentile {
  double percentile;
  std::chrono::nanoseconds SecondSummary::* value;
};

constexpr std::array series_percentiles = {
    SeriesPercentile{50, &SecondSummary::p50}, SeriesPercentile{90, &SecondSummary::p90},
    SeriesPercentile{99, &SecondSummary::p99}, SeriesPercentile{99.9, &SecondSummary::p999}};

CensoredHistogram uncensored(const Histogram& all) {
  return *CensoredHistogram::from_parts(all, Histogram(all.range()));
}

/// The percentile of each second that has one.
std::vector<std::uint64_t> batches_of(const SecondSeries& seconds, double percentile) {
  std::vector<std::uint64_t> batches;
  // A row that stands for several seconds has their largest value, not theirs.
  if (seconds.row_length() > std::chrono::seconds(1)) return batches;
  for (const SeriesPercentile& known : series_percentiles) {
    if (known.percentile != percentile) continue;
    for (const SecondSummary& second : seconds.rows()) {
      const auto value = (second.*known.value).count();
      if (value > 0) batches.push_back(static_cast<std::uint64_t>(value));
    }
  }
  return batches;
}

}  // namespace

std::vector<LatencyRow> latency_rows(const LoadReport& report) {
  const LatencySet& latency = report.latency;
  std::vector<LatencyRow> rows;
  const auto add = [&](LatencyRow row) {
    if (!row.samples.empty()) rows.push_back(std::move(row));
  };
  add({"response", "response", "due to answered", latency.response, true});
  add({"service", "service", "sent to answered", latency.service, latency.response.empty()});
  add({"kernel_rtt", "kernel RTT", "between kernel timestamps, sampled",
       uncensored(latency.kernel_rtt)});
  add({"send_lag", "send lag", "generator late", uncensored(latency.send_lag)});
  add({"conn_wait", "conn wait", "due, no connection free", uncensored(latency.connection_wait)});
  add({"connect", "connect", "connection made", uncensored(latency.connect)});
  return rows;
}

std::optional<PercentileEstimate> estimate(const LoadReport& report, const LatencyRow& row,
                                           double percentile) {
  const auto batches =
      row.is_primary ? batches_of(report.seconds, percentile) : std::vector<std::uint64_t>();
  return estimate_percentile(row.samples, percentile, batches);
}

}  // namespace weir::tools::load
