// What is measured of a server in one cell, and which way is better.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tools/weir/load/stats/paired_comparison.h"

namespace weir::tools::bench {

enum class SuiteMetric : std::uint8_t {
  cpu,         ///< ns of the server's processor time a unit of work
  client_cpu,  ///< ns of the client's
  both_cpu,    ///< the sum: on loopback work moves from one side to the other
  rate,        ///< units of work a second
  p50,         ///< us
  p99,         ///< us
  p999,        ///< us
  memory,      ///< bytes of the server's resident memory a connection
  idle_cpu,    ///< us of the server's processor time a second without traffic
  idle_calls,  ///< system calls of the server a second without traffic
};
inline constexpr std::size_t suite_metric_count = 10;

/// `cpu_ns`, `client_cpu_ns`, `rate`, ...: also the word in JSON.
[[nodiscard]] std::string_view to_text(SuiteMetric metric) noexcept;
/// What a ratio is of, for a reader: `CPU`, `rate`, `p99.9`.
[[nodiscard]] std::string_view title_of(SuiteMetric metric) noexcept;
[[nodiscard]] load::BetterWhen better_when(SuiteMetric metric) noexcept;

/// One value a round for each metric that was measured; those that were not are empty.
class Samples {
 public:
  [[nodiscard]] const std::vector<double>& of(SuiteMetric metric) const noexcept {
    return values_[static_cast<std::size_t>(metric)];
  }
  void add(SuiteMetric metric, double value) {
    values_[static_cast<std::size_t>(metric)].push_back(value);
  }
  /// The median; 0 if there is none.
  [[nodiscard]] double median(SuiteMetric metric) const;

 private:
  std::array<std::vector<double>, suite_metric_count> values_{};
};

}  // namespace weir::tools::bench
