#include "tools/weir/load/jobs/find_max.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tools/weir/load/jobs/load_at_rate.h"

namespace weir::tools::load {
namespace {

/// Each step overshoots by at most so much, and costs one trial.
constexpr double growth = 4;
/// Long trials that may be needed beyond those of two bounds: moving and narrowing again.
constexpr std::size_t long_trials_max = 12;
/// An automatic warm-up takes 3 windows of a twentieth or more, plus connecting and settling.
constexpr double trial_warm_up_share = 0.3;

std::size_t growth_steps(const RateRange& range) {
  const double steps = std::ceil(std::log(range.last / range.first) / std::log(growth));
  return static_cast<std::size_t>(steps) + 1;
}

std::size_t halvings(double ratio, double width) {
  return static_cast<std::size_t>(
      std::max(0.0, std::ceil(std::log2(std::log(ratio) / std::log1p(width)))));
}

/// Halfway between two rates as a person sees them: of their logarithms, and whole where that is
/// exact enough.
double middle_of(double low, double high) {
  const double middle = std::sqrt(low * high);
  return middle >= 1000 ? std::round(middle) : middle;
}

/// What the trials of one length found.
struct Bounds {
  std::optional<double> lower{};
  std::optional<double> upper{};

  void add(const Trial& trial) {
    if (trial.outcome == TrialOutcome::held) {
      lower = std::max(trial.rate, lower.value_or(trial.rate));
      // What held above the rate that failed refutes it.
      if (upper && *upper <= *lower) upper.reset();
    } else {
      upper = std::min(trial.rate, upper.value_or(trial.rate));
      if (lower && *lower >= *upper) lower.reset();
    }
  }
  [[nodiscard]] bool is_narrow(double width) const {
    return lower && upper && *upper / *lower <= 1 + width;
  }
};

class Search {
 public:
  Search(const FindMaxOptions& options, const Runner& run, const TrialSink& told)
      : options_(options), run_(run), told_(told), trials_max_(plan_find_max(options).trials_max) {}

  std::expected<FindMaxResult, std::string> search() {
    grow();
    narrow();
    confirm();
    if (!error_.empty()) return std::unexpected(error_);
    conclude();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool is_over() const { return is_stopped_ || !error_.empty(); }

  void grow() {
    const RateRange& range = options_.range;
    for (double rate = range.first; !is_over(); rate = std::min(rate * growth, range.last)) {
      const auto outcome = try_rate(rate, short_length());
      if (!outcome) return;
      if (*outcome != TrialOutcome::held || rate >= range.last) return;
    }
  }

  void narrow() {
    while (!is_over() && short_.lower && short_.upper && !short_.is_narrow(options_.width)) {
      if (!try_rate(middle_of(*short_.lower, *short_.upper), short_length())) return;
    }
  }

  void confirm() {
    double step = 1 + options_.width;
    while (!is_over() && !long_.is_narrow(options_.width)) {
      const auto rate = next_long_rate(step);
      if (!rate || !try_rate(*rate, options_.run.duration)) return;
    }
  }

  /// None: the range ends there.
  std::optional<double> next_long_rate(double& step) {
    const RateRange& range = options_.range;
    if (long_.lower && long_.upper) return middle_of(*long_.lower, *long_.upper);
    if (long_.lower) {
      if (*long_.lower >= range.last) return std::nullopt;
      if (short_.upper && *short_.upper > *long_.lower) return short_.upper;
      const double rate = std::min(*long_.lower * step, range.last);
      step *= step;
      return rate;
    }
    if (long_.upper) {
      if (*long_.upper <= range.first) return std::nullopt;
      if (short_.lower && *short_.lower < *long_.upper) return short_.lower;
      const double rate = std::max(*long_.upper / step, range.first);
      step *= step;
      return rate;
    }
    return short_.lower ? *short_.lower : range.first;
  }

  /// None: the search is over.
  std::optional<TrialOutcome> try_rate(double rate, std::chrono::nanoseconds duration) {
    std::optional<TrialOutcome> outcome;
    for (int attempt = 0; attempt < 2 && outcome != TrialOutcome::held; ++attempt) {
      outcome = run_trial(rate, duration);
      if (!outcome) return std::nullopt;
    }
    Bounds& bounds = duration >= options_.run.duration ? long_ : short_;
    bounds.add(result_.trials.back());
    return outcome;
  }

  std::optional<TrialOutcome> run_trial(double rate, std::chrono::nanoseconds duration) {
    if (result_.trials.size() >= trials_max_) {
      is_stopped_ = true;
      return std::nullopt;
    }
    Options options = load_at_rate(options_.run, rate, duration);
    // The same gaps again and again would make one unlucky schedule part of every result.
    options.seed = options_.run.seed + result_.trials.size();
    const auto report = run_(options);
    if (!report) {
      error_ = report.error();
      return std::nullopt;
    }
    if (report->interrupted) {
      result_.end = FindMaxEnd::interrupted;
      is_stopped_ = true;
      return std::nullopt;
    }
    result_.trials.push_back(judge_trial(*report));
    const Trial& trial = result_.trials.back();
    if (told_) told_(trial);
    answered_ = answered_ || trial.answered > 0 || trial.verdict != Verdict::nothing_succeeded;
    if (!answered_) {
      result_.end = FindMaxEnd::nothing_succeeded;
      is_stopped_ = true;
      return std::nullopt;
    }
    return trial.outcome;
  }

  /// The length of both kinds, where a run is no longer than a short trial.
  [[nodiscard]] std::chrono::nanoseconds short_length() const {
    return std::min(options_.short_trial, options_.run.duration);
  }

  void conclude() {
    if (!answered_) return;
    const bool has_long = long_.lower || long_.upper;
    const Bounds& bounds = has_long ? long_ : short_;
    result_.lower = bounds.lower;
    result_.upper = bounds.upper;
    if (result_.end != FindMaxEnd::interrupted) result_.end = end_of(bounds);
    explain_upper();
  }

  [[nodiscard]] FindMaxEnd end_of(const Bounds& bounds) const {
    const RateRange& range = options_.range;
    if (bounds.is_narrow(options_.width)) return FindMaxEnd::bracketed;
    if (!bounds.upper && bounds.lower && *bounds.lower >= range.last) return FindMaxEnd::range_held;
    if (!bounds.lower && bounds.upper && *bounds.upper <= range.first) {
      return FindMaxEnd::range_failed;
    }
    return FindMaxEnd::not_narrowed;
  }

  void explain_upper() {
    if (!result_.upper) return;
    const auto last =
        std::find_if(result_.trials.rbegin(), result_.trials.rend(), [this](const Trial& trial) {
          return trial.rate == *result_.upper && trial.outcome != TrialOutcome::held;
        });
    if (last == result_.trials.rend()) return;
    result_.limit_reason = last->reason;
    result_.remedy = last->remedy;
    result_.is_generator_limit = last->outcome == TrialOutcome::doubtful;
  }

  const FindMaxOptions& options_;
  const Runner& run_;
  const TrialSink& told_;
  std::size_t trials_max_;
  FindMaxResult result_;
  Bounds short_;
  Bounds long_;
  bool answered_ = false;
  bool is_stopped_ = false;
  std::string error_;
};

std::chrono::nanoseconds with_warm_up(const Options& run, std::chrono::nanoseconds length) {
  const auto guess =
      std::chrono::duration_cast<std::chrono::nanoseconds>(trial_warm_up_share * length);
  return length + run.warm_up.value_or(guess);
}

}  // namespace

FindMaxPlan plan_find_max(const FindMaxOptions& options) {
  const std::size_t grow = growth_steps(options.range);
  const double bracket = std::min(growth, options.range.last / options.range.first);
  const std::size_t narrow = halvings(bracket, options.width);
  const auto brief = with_warm_up(options.run, std::min(options.short_trial, options.run.duration));
  const auto full = with_warm_up(options.run, options.run.duration);
  // The growth fails once, and half of the halvings do; each failure is repeated.
  const std::size_t short_expected = grow + 1 + narrow + narrow / 2;
  const std::size_t short_max = grow + 1 + 2 * narrow;
  const std::size_t long_max = 2 * long_trials_max;
  return {.trials_max = short_max + long_max,
          .expected = static_cast<std::int64_t>(short_expected) * brief + 3 * full,
          .longest = static_cast<std::int64_t>(short_max) * brief +
                     static_cast<std::int64_t>(long_max) * full};
}

std::expected<FindMaxResult, std::string> find_max(const FindMaxOptions& options, const Runner& run,
                                                   const TrialSink& told) {
  return Search(options, run, told).search();
}

}  // namespace weir::tools::load
