#include "tools/weir/bench/suites/client_latency.h"

#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

namespace weir::tools::bench {
namespace {

bool is_pair_of_counts(const nlohmann::json& pair) {
  return pair.is_array() && pair.size() == 2 && pair[0].is_number_unsigned() &&
         pair[1].is_number_unsigned();
}

}  // namespace

std::expected<CellLatency, std::string> client_latency(const nlohmann::json& result) {
  const auto found = result.find("latency_ns");
  if (found == result.end() || !found->is_array()) {
    return std::unexpected("the client wrote no latencies; is it of another build?");
  }
  load::Histogram all;
  for (const nlohmann::json& pair : *found) {
    if (!is_pair_of_counts(pair)) return std::unexpected("the client's latencies are no pairs");
    all.record_n(pair[0].get<std::uint64_t>(), pair[1].get<std::uint64_t>());
  }
  auto samples = load::CensoredHistogram::from_parts(std::move(all), load::Histogram());
  return CellLatency{.start = LatencyStart::sent, .samples = *std::move(samples)};
}

}  // namespace weir::tools::bench
