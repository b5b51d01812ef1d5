// The run second by second, in bounded memory: beyond an hour the rows are merged in pairs, so that
// each stands for two seconds, then four, and so on.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::tools::load {

/// What happened in a second. Percentiles are those of the primary latency.
struct SecondSummary {
  std::uint64_t offered = 0;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t errors = 0;
  std::uint64_t lost = 0;       ///< datagrams only
  std::uint64_t dropped = 0;    ///< by --on-behind drop or a full queue
  std::uint64_t in_flight = 0;  ///< at its end
  std::uint64_t queued = 0;     ///< at its end: due, but without a connection
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p90{};
  std::chrono::nanoseconds p99{};
  std::chrono::nanoseconds p999{};
  std::chrono::nanoseconds max{};
  std::chrono::nanoseconds send_lag_p99{};
  double generator_cpu_share = 0;  ///< of one CPU
  double steal_share = 0;          ///< of all CPUs: taken by the hypervisor

  /// Two rows in one: counts add up, states are the later one's, times the longer one's (a
  /// percentile of both can't be had from two), shares the mean.
  void merge(const SecondSummary& later) noexcept;
};

/// Only whole seconds: the rest at the end of a run has no row.
class SecondSeries {
 public:
  static constexpr std::size_t rows_max = 3'600;

  SecondSeries() = default;
  /// Rows that stand for `row_length` each, as they were read from a file.
  SecondSeries(std::vector<SecondSummary> rows, std::chrono::seconds row_length)
      : rows_(std::move(rows)), row_length_(std::max(row_length, std::chrono::seconds(1))) {}

  void push_back(const SecondSummary& second);

  [[nodiscard]] const std::vector<SecondSummary>& rows() const noexcept { return rows_; }
  [[nodiscard]] std::vector<SecondSummary>& rows() noexcept { return rows_; }
  /// What a row stands for; a power of two.
  [[nodiscard]] std::chrono::seconds row_length() const noexcept { return row_length_; }
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

 private:
  void halve();

  std::vector<SecondSummary> rows_;
  std::chrono::seconds row_length_{1};
  SecondSummary unfinished_;
  std::int64_t unfinished_seconds_ = 0;
};

}  // namespace weir::tools::load
