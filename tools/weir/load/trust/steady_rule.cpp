// Whether the run was in one state all the time: its thirds agree.
//
//     |  1   2   3   4  |  5   6   7   8  |  9  10  11  12  |   seconds
//     |  median of p50  |                 |                 |   each within 5 % of their mean
//     |  median of p99  |                 |                 |   each within 20 %
//
// The median, because a single second with a pause in it is part of a steady run: that is what the
// percentiles are for. Where the rate was meant to change, the thirds need not agree.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/load/trust/trust_rules.h"

namespace weir::tools::load {
namespace {

constexpr double p50_spread_max = 0.05;
constexpr double p99_spread_max = 0.2;
/// Up to here a median that moves is a note: virtual machines move by 10 % for seconds on end. A
/// run beyond it measured two states, and its numbers are of neither.
constexpr double p50_spread_veto = 0.15;
/// Where this much of the response time is waiting for a connection, a queue grew: that is how a
/// server looks that is offered more than it can do, and what was to be found out.
constexpr double queueing_share_min = 0.5;
/// Largest over smallest number of requests in a third, at one rate.
constexpr double offered_ratio_max = 1.15;
constexpr std::size_t rows_min = 6;
/// Fewer answers in a second say little about their median, or about one in a hundred.
constexpr std::uint64_t answers_for_p50 = 50;
constexpr std::uint64_t answers_for_p99 = 500;

using Rows = std::span<const SecondSummary>;
using Thirds = std::array<double, 3>;

template <typename F>
Thirds of_thirds(Rows rows, F function) {
  const std::size_t third = rows.size() / 3;
  Thirds values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = function(rows.subspan(i * third, third));
  }
  return values;
}

/// The lower one of two in the middle.
template <typename T>
double median_of(Rows rows, T SecondSummary::* member) {
  std::vector<double> values;
  for (const SecondSummary& row : rows) {
    values.push_back(static_cast<double>((row.*member).count()));
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// How far the farthest third is from the mean of all, as a share of it.
double spread_of(const Thirds& values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / 3;
  if (mean <= 0) return 0;
  double farthest = 0;
  for (const double value : values) farthest = std::max(farthest, std::abs(value - mean));
  return farthest / mean;
}

bool has_one_rate(Rows rows) {
  const Thirds offered = of_thirds(rows, [](Rows third) {
    return std::accumulate(third.begin(), third.end(), 0.0,
                           [](double sum, const SecondSummary& row) {
                             return sum + static_cast<double>(row.offered);
                           });
  });
  const auto [least, most] = std::minmax_element(offered.begin(), offered.end());
  return *most <= offered_ratio_max * *least;
}

std::uint64_t usual_answers(Rows rows) {
  std::vector<std::uint64_t> answers;
  for (const SecondSummary& row : rows) answers.push_back(row.answered);
  const auto middle = answers.begin() + static_cast<std::ptrdiff_t>(answers.size() / 2);
  std::nth_element(answers.begin(), middle, answers.end());
  return *middle;
}

bool has_grown_a_queue(const LatencySet& latency) {
  return latency.connection_wait.mean() > queueing_share_min * latency.response.all().mean();
}

std::string remedy_of(const LoadReport& report) {
  const auto seconds = [](std::chrono::nanoseconds time, std::int64_t least) {
    const auto whole = std::chrono::ceil<std::chrono::seconds>(time).count();
    return std::max<std::int64_t>(whole, least);
  };
  return fmt::format("--warmup {}s -d {}s", seconds(2 * report.warm_up, 10),
                     seconds(3 * report.measured, 60));
}

}  // namespace

std::optional<TrustCheck> check_steady(const LoadReport& report) {
  const Rows rows = report.seconds.rows();
  const bool is_closed = !report.options.rate;
  if (rows.size() < rows_min || (!is_closed && !has_one_rate(rows))) return std::nullopt;
  const std::uint64_t answers = usual_answers(rows);
  if (answers < answers_for_p50) return std::nullopt;
  const Thirds p50 =
      of_thirds(rows, [](Rows third) { return median_of(third, &SecondSummary::p50); });
  const Thirds p99 =
      of_thirds(rows, [](Rows third) { return median_of(third, &SecondSummary::p99); });
  const double p50_spread = spread_of(p50);
  const double p99_spread = answers < answers_for_p99 ? 0 : spread_of(p99);
  const bool is_two_states = p50_spread > p50_spread_veto && !has_grown_a_queue(report.latency);
  TrustCheck check{
      .rule = TrustRule::steady,
      .ok = p50_spread <= p50_spread_max && p99_spread <= p99_spread_max,
      .weight = is_two_states ? TrustWeight::veto : TrustWeight::note,
      .value = p50_spread,
      .limit = p50_spread_max,
      .unit = "ratio",
      .text = fmt::format("the thirds of the run agree (p50 within {:.1f} %)", p50_spread * 100)};
  if (check.ok) return check;
  const bool is_p99 = p50_spread <= p50_spread_max;
  if (is_p99) {
    check.value = p99_spread;
    check.limit = p99_spread_max;
  }
  const auto time = [](double ns) {
    return format_duration(std::chrono::nanoseconds(std::llround(ns)), TextStyle());
  };
  const Thirds& shown = is_p99 ? p99 : p50;
  check.text = fmt::format("the run was not steady: {} of its thirds {}, {} and {}",
                           is_p99 ? "p99" : "p50", time(shown[0]), time(shown[1]), time(shown[2]));
  check.remedy = remedy_of(report);
  return check;
}

}  // namespace weir::tools::load
