// Two servers measured in turn, round by round, so that what the machine does to one it does to the
// other; A is measured a second time under another name (A/A), which shows what no difference looks
// like here.
//
//     round 1    A    A'   B        each a cell of its own connections, warm-up and answers;
//     round 2    B    A    A'       the order drawn anew each round, from the seed;
//     round 3    A'   B    A        the same schedule for all cells of a round
//
// An open loop compares latencies at the same rate, a closed loop how many answers there are. In
// both the rate that was answered counts, so that a server is not fast by failing.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/weir/load/jobs/runner.h"
#include "tools/weir/load/stats/paired_comparison.h"

namespace weir::tools::load {

/// More do not fit a comparison.
inline constexpr std::uint32_t compare_rounds_max = 500;

struct CompareOptions {
  Options run;  ///< its target is A, the first of `more_targets` B
  std::uint32_t rounds = 10;
  /// Of what is measured in a cell, if the run is longer: many short pairs say more than few long
  /// ones, as the states of a machine last for seconds.
  std::chrono::nanoseconds cell_max = std::chrono::seconds(1);
};

[[nodiscard]] std::chrono::nanoseconds cell_length(const CompareOptions& options) noexcept;

enum class Contender : std::uint8_t { a, b, a_again };
inline constexpr std::array contenders = {Contender::a, Contender::b, Contender::a_again};

/// What is compared.
enum class CompareMetric : std::uint8_t {
  rate,            ///< answers a second
  p50,             ///< ns, of the primary latency
  p99,             ///< ns
  cpu_per_answer,  ///< ns of the server's processor time; where its process may be seen
};

/// `rate`, `p50`, `p99`, `cpu_per_answer`: also the word in JSON.
[[nodiscard]] std::string_view to_text(CompareMetric metric) noexcept;

/// One measurement of each, by `Contender`.
using MetricRound = std::array<double, contenders.size()>;

struct ComparedMetric {
  CompareMetric metric = CompareMetric::rate;
  std::vector<MetricRound> rounds{};
  std::array<double, contenders.size()> medians{};
  PairedComparison comparison{};
};

enum class CompareEnd : std::uint8_t {
  complete,
  no_answer,  ///< one of them answered nothing in a cell
  interrupted,
};

struct CompareResult {
  CompareEnd end = CompareEnd::complete;
  std::uint32_t rounds = 0;               ///< whole ones
  std::vector<ComparedMetric> metrics{};  ///< empty if there was no round
  std::array<std::uint64_t, contenders.size()> errors{};
  std::uint32_t cells = 0;
  std::uint32_t untrusted_cells = 0;
  std::string doubt{};          ///< the first reason for one
  std::string remedy{};         ///< of it
  std::string silent_target{};  ///< of `no_answer`
  std::string silence{};        ///< what its first error was
};

/// Told of each whole round: its number from 1, and what is compared first.
using RoundSink =
    std::function<void(std::uint32_t round, CompareMetric metric, const MetricRound& values)>;

/// The error is that of the runner.
[[nodiscard]] std::expected<CompareResult, std::string> compare(const CompareOptions& options,
                                                                const Runner& run,
                                                                const RoundSink& told);

/// B is slower in what clients notice: the rate or a latency.
[[nodiscard]] bool is_slower(const CompareResult& result) noexcept;

}  // namespace weir::tools::load
