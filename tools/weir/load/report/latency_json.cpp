#include "tools/weir/load/report/latency_json.h"

#include <fmt/format.h>

namespace weir::tools::load {

Json latency_json(const Histogram& latency) {
  Json percentiles = Json::object();
  for (const double percentile : {50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999}) {
    percentiles[fmt::format("{:g}", percentile)] = latency.value_at_percentile(percentile);
  }
  return {{"unit", "ns"},
          {"count", latency.count()},
          {"min", latency.min()},
          {"mean", latency.mean()},
          {"max", latency.max()},
          {"p", percentiles},
          {"clipped", latency.clipped_count()}};
}

}  // namespace weir::tools::load
