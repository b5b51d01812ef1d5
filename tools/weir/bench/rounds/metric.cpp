#include "tools/weir/bench/rounds/metric.h"

#include <algorithm>

namespace weir::tools::bench {
namespace {

struct MetricWords {
  std::string_view id;
  std::string_view title;
};

constexpr std::array<MetricWords, suite_metric_count> metric_words = {{
    {.id = "cpu_ns", .title = "CPU"},
    {.id = "client_cpu_ns", .title = "client CPU"},
    {.id = "both_cpu_ns", .title = "CPU of both sides"},
    {.id = "rate", .title = "rate"},
    {.id = "p50_us", .title = "p50"},
    {.id = "p99_us", .title = "p99"},
    {.id = "p999_us", .title = "p99.9"},
    {.id = "memory_bytes", .title = "memory"},
    {.id = "idle_cpu_us", .title = "idle CPU"},
    {.id = "idle_calls", .title = "idle system calls"},
}};

}  // namespace

std::string_view to_text(SuiteMetric metric) noexcept {
  return metric_words[static_cast<std::size_t>(metric)].id;
}

std::string_view title_of(SuiteMetric metric) noexcept {
  return metric_words[static_cast<std::size_t>(metric)].title;
}

load::BetterWhen better_when(SuiteMetric metric) noexcept {
  return metric == SuiteMetric::rate ? load::BetterWhen::higher : load::BetterWhen::lower;
}

double Samples::median(SuiteMetric metric) const {
  std::vector<double> values = of(metric);
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace weir::tools::bench
