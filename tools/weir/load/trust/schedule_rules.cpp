// Whether requests were sent when they were due, and were due when they should be: open loops only.
#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/load/trust/trust_rules.h"

namespace weir::tools::load {
namespace {

constexpr double sent_ratio_min = 0.98;
/// A sender that is late by less is one that the scheduler woke as it usually does.
constexpr double send_lag_ns_min = 100'000;
/// Of both mean and coefficient of variation of the gaps.
constexpr double gap_tolerance = 0.02;
/// Chance alone exceeds so many standard errors in one run of 16 000.
constexpr double standard_errors_max = 4;

double sum_of(const Histogram& times) noexcept {
  return times.mean() * static_cast<double>(times.count());
}

/// A run that nobody answered ends early, and blames nobody for it.
bool has_load_to_judge(const LoadReport& report) noexcept {
  return report.options.rate && verdict_of(report) != Verdict::nothing_succeeded;
}

std::string format_ns(double ns) {
  return format_duration(std::chrono::nanoseconds(std::llround(ns)), TextStyle());
}

/// Rounded down to two digits, less a tenth: a rate that could be sent.
std::string lower_rate(const LoadReport& report, double ratio) {
  const double rate = report.options.rate.value_or(0) * ratio * 0.9;
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(std::max(rate, 1.0))) - 1));
  return fmt::format("--rate {}", std::max(1LL, std::llround(std::floor(rate / unit) * unit)));
}

}  // namespace

std::optional<TrustCheck> check_offered_rate(const LoadReport& report) {
  const std::uint64_t offered = report.requests.offered;
  // What was due when somebody pressed Ctrl-C could not be sent.
  if (!has_load_to_judge(report) || offered == 0 || report.interrupted) return std::nullopt;
  const double ratio = static_cast<double>(report.requests.sent) / static_cast<double>(offered);
  TrustCheck check{.rule = TrustRule::offered_rate,
                   .ok = ratio >= sent_ratio_min,
                   .value = ratio,
                   .limit = sent_ratio_min,
                   .unit = "ratio",
                   .text = fmt::format("{:.1f} % of what was due was sent", ratio * 100)};
  if (check.ok) return check;
  // What was dropped or expired met no free connection; the rest was late for either reason.
  const RequestCounts& requests = report.requests;
  const bool waited_for_server =
      2 * (requests.dropped + requests.expired) >= offered - requests.sent ||
      sum_of(report.latency.connection_wait) > sum_of(report.latency.send_lag);
  if (waited_for_server) {
    // That is what was to be found out: the rate and the response times are the server's.
    check.weight = TrustWeight::note;
    check.text = fmt::format(
        "only {:.1f} % of what was due was sent, because no connection was free: the server, or "
        "the number of connections, is the limit",
        ratio * 100);
    check.remedy =
        fmt::format("--conns {} if the server can serve more at once, else {}",
                    2 * std::uint64_t{report.options.connections}, lower_rate(report, ratio));
  } else {
    check.text = fmt::format(
        "only {:.1f} % of what was due was sent: the generator is the limit, not the server",
        ratio * 100);
    check.remedy =
        fmt::format("{}, or {}", remedy_for_slow_generator(report), lower_rate(report, ratio));
  }
  return check;
}

std::optional<TrustCheck> check_send_lag(const LoadReport& report) {
  const Histogram& lags = report.latency.send_lag;
  if (!has_load_to_judge(report) || lags.empty()) return std::nullopt;
  const auto lag = static_cast<double>(lags.value_at_percentile(99));
  const auto response = static_cast<double>(report.latency.response.all().value_at_percentile(99));
  TrustCheck check{.rule = TrustRule::send_lag,
                   .value = lag,
                   .limit = std::max(send_lag_ns_min, send_lag_share_max * response),
                   .unit = "ns",
                   .text = fmt::format("send lag p99 {}", format_ns(lag))};
  check.ok = lag <= check.limit;
  if (check.ok) return check;
  check.text = fmt::format(
      "one in a hundred requests left {} or more after it could: much of the response time is the "
      "generator's",
      format_ns(lag));
  switch (report.options.pace) {
    case Pace::sleep:
      check.remedy = "--pace hybrid";
      break;
    case Pace::hybrid:
      check.remedy = fmt::format("--pace spin, or {}", remedy_for_slow_generator(report));
      break;
    case Pace::spin:
      check.remedy = remedy_for_slow_generator(report);
      break;
  }
  return check;
}

std::optional<TrustCheck> check_arrivals(const LoadReport& report) {
  const GapSummary& gaps = report.gaps;
  // Of a trace or a changing rate nobody knows what the gaps should be.
  const bool is_known = gaps.cv_wanted || gaps.mean_ratio != 1;
  if (!report.options.rate || gaps.count < 2 || !is_known) return std::nullopt;
  // The standard error of a mean is sigma / sqrt(n). That of a coefficient of variation is the same
  // for exponential gaps (delta method: the sum of 1, from the mean, 2, from the deviation, and -2,
  // from both), and smaller for those that are more even. Gaps of parts that take turns overlap:
  // together they say no more than the gaps of the whole do, which are so many times less even.
  const double standard_error = gaps.cv_wanted.value_or(gaps.cv) *
                                std::sqrt(static_cast<double>(gaps.parts)) /
                                std::sqrt(static_cast<double>(gaps.count));
  const double tolerance = std::max(gap_tolerance, standard_errors_max * standard_error);
  const double mean_error = std::abs(gaps.mean_ratio - 1);
  const double cv_error = gaps.cv_wanted ? std::abs(gaps.cv - *gaps.cv_wanted) : 0;
  TrustCheck check{.rule = TrustRule::arrivals,
                   .value = std::max(mean_error, cv_error),
                   .limit = tolerance,
                   .unit = "ratio"};
  check.ok = check.value <= tolerance;
  check.text =
      fmt::format("the mean gap between requests was {:.3f} of what it should be", gaps.mean_ratio);
  if (gaps.cv_wanted) {
    check.text += fmt::format(", its variation {:.3f} instead of {:.3f}", gaps.cv, *gaps.cv_wanted);
  }
  if (check.ok) return check;
  check.text += ": this was not the load that was asked for";
  check.remedy = fmt::format(
      "the same command with --seed {}; if it happens again, it is a fault of weir's to report",
      report.options.seed + 1);
  return check;
}

}  // namespace weir::tools::load
