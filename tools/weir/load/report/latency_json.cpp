#include "tools/weir/load/report/latency_json.h"

#include <array>

#include <fmt/format.h>

#include "tools/weir/load/report/json_fields.h"
#include "tools/weir/load/stats/histogram_codec.h"

namespace weir::tools::load {
namespace {

constexpr std::array json_percentiles = {50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999};

Json interval_json(const PercentileInterval& interval) {
  return Json::array({interval.low, interval.high_is_open ? Json() : Json(interval.high)});
}

std::expected<Histogram, std::string> histogram_from_json(const Json& json) {
  const auto decoded = decode_histogram(text_of(json));
  if (!decoded) return std::unexpected(std::string(to_text(decoded.error())));
  if (decoded->range() != HistogramRange()) {
    return std::unexpected("its histogram has another range than this program's");
  }
  return *decoded;
}

}  // namespace

Json latency_json(const CensoredHistogram& samples, const PercentileLookup& lookup) {
  const Histogram& all = samples.all();
  Json percentiles = Json::object();
  Json intervals = Json::object();
  Json lower_bounds = Json::array();
  Json sparse = Json::array();
  for (const double percentile : json_percentiles) {
    const std::string name = fmt::format("{:g}", percentile);
    const auto known = lookup(percentile);
    if (!known) continue;
    percentiles[name] = known->value.value;
    intervals[name] = interval_json(known->interval);
    if (known->value.is_lower_bound) lower_bounds.push_back(name);
    if (known->is_sparse()) sparse.push_back(name);
  }
  Json json = {{"unit", "ns"},
               {"count", all.count()},
               {"min", all.empty() ? Json() : Json(all.min())},
               {"mean", all.empty() ? Json() : Json(all.mean())},
               {"max", all.empty() ? Json() : Json(all.max())},
               {"p", percentiles},
               {"ci95", intervals},
               {"lower_bounds", lower_bounds},
               {"sparse", sparse},
               {"censored", samples.censored_count()},
               {"clipped", all.clipped_count()},
               {"hdr", encode_histogram(all)}};
  if (samples.censored_count() > 0) {
    json["hdr_censored"] = encode_histogram(samples.censored());
  }
  return json;
}

Json latency_json(const LoadReport& report, const LatencyRow& row) {
  return latency_json(row.samples,
                      [&](double percentile) { return estimate(report, row, percentile); });
}

std::expected<CensoredHistogram, std::string> latency_from_json(const Json& json) {
  if (count_of(field(json, "count")) == 0) return CensoredHistogram();
  auto all = histogram_from_json(field(json, "hdr"));
  if (!all) return std::unexpected(all.error());
  // A file that contradicts itself keeps what its histogram says.
  (void)all->restore_extremes(count_of(field(json, "min")), count_of(field(json, "max")));
  (void)all->restore_clipped(count_of(field(json, "clipped")));
  Histogram censored;
  if (const Json& hdr = field(json, "hdr_censored"); !hdr.is_null()) {
    auto decoded = histogram_from_json(hdr);
    if (!decoded) return std::unexpected(decoded.error());
    censored = *std::move(decoded);
  }
  auto both = CensoredHistogram::from_parts(*std::move(all), std::move(censored));
  if (!both) return std::unexpected("more of it is censored than there is");
  return *std::move(both);
}

}  // namespace weir::tools::load
