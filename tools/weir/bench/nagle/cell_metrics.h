// The numbers that a cell is compared by, and what several rounds of one cell agree on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/weir/bench/nagle/cell.h"
#include "tools/weir/bench/nagle/path_traits.h"

namespace weir::tools::bench {

enum class Metric : std::uint8_t {
  messages_per_s,
  p50_us,  ///< of an exchange; one way: a message's age when it was read, from when it was due
  p99_us,
  p999_us,  ///< 0 if there are fewer than 1000 samples
  max_us,
  first_us,              ///< median of the first exchanges of the connection
  stalls,                ///< share of the other exchanges that took over 30 ms
  elapsed_us,            ///< from the first write until the receiver has had the end
  segments_per_message,  ///< that leave the sender with data
  bytes_per_segment,
  acks_per_message,
  sender_calls_per_message,
  receiver_calls_per_message,
  sender_cpu_us_per_message,
  receiver_cpu_us_per_message,
  merged_reads,    ///< share of the reads that brought parts of several messages
  cut_messages,    ///< share of the messages that came in several reads
  retransmitted,   ///< segments
  relay_late_us,   ///< p99 of the packets that the relay of a far path carried
  relay_lost,      ///< packets that it dropped
  relay_realtime,  ///< 1 if it ran before all ordinary threads
};

inline constexpr std::size_t metric_count = std::to_underlying(Metric::relay_realtime) + 1;

/// The key in JSON and CSV: `p50_us`.
[[nodiscard]] std::string_view to_text(Metric metric) noexcept;

/// By metric; 0 where a cell has none.
using CellMetrics = std::array<double, metric_count>;

[[nodiscard]] CellMetrics metrics_of(const CellSpec& spec, const CellResult& result);

struct Spread {
  double median = 0;
  double low = 0;
  double high = 0;
};

/// Zeros if there is no value.
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// One cell on one path, all rounds.
struct CellSummary {
  std::string path;
  std::string question;  ///< of its scenario
  CellSpec spec;
  std::vector<CellMetrics> rounds;
  std::string failure;               ///< of the last round that failed; empty if none did
  PathTraits traits{};               ///< of its path
  std::string congestion_control{};  ///< in force in its last round; empty if there is none

  /// Of the rounds; zeros if there is none.
  [[nodiscard]] Spread spread(Metric metric) const;
  [[nodiscard]] double median(Metric metric) const { return spread(metric).median; }
  /// False if the relay of its path was later than 5 % of the round-trip time. In the median of the
  /// rounds, as all figures are medians: one late round moves none of them.
  [[nodiscard]] bool is_trusted() const;
};

}  // namespace weir::tools::bench
