#include "tools/weir/load/jobs/compare.h"

#include <algorithm>
#include <cstddef>
#include <random>
#include <utility>

#include "tools/weir/load/jobs/load_at_rate.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t index_of(Contender contender) noexcept {
  return static_cast<std::size_t>(contender);
}

Options cell_of(const CompareOptions& options, Contender contender, std::uint32_t round) {
  Options cell = load_for(options.run, cell_length(options));
  if (contender == Contender::b) cell.target = options.run.more_targets.front();
  cell.more_targets.clear();
  cell.seed = options.run.seed + round;
  return cell;
}

/// Fisher and Yates', because std::shuffle gives other orders with other libraries.
std::array<Contender, contenders.size()> draw_order(std::mt19937_64& random) {
  auto order = contenders;
  for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[random() % (i + 1)]);
  return order;
}

std::vector<CompareMetric> metrics_of(const Options& run) {
  // The rate of an open loop is the schedule's as long as all is well: it comes last there.
  if (!run.rate) return {CompareMetric::rate, CompareMetric::cpu_per_answer};
  return {CompareMetric::p50, CompareMetric::p99, CompareMetric::rate,
          CompareMetric::cpu_per_answer};
}

/// None: the cell can't say.
std::optional<double> value_of(CompareMetric metric, const LoadReport& report) {
  const CensoredHistogram& latency = report.latency.primary();
  const auto percentile = [&latency](double percent) -> std::optional<double> {
    if (latency.empty()) return std::nullopt;
    return std::max(1.0, static_cast<double>(latency.percentile(percent).value));
  };
  switch (metric) {
    case CompareMetric::rate:
      return rate_of(report);
    case CompareMetric::p50:
      return percentile(50);
    case CompareMetric::p99:
      return percentile(99);
    case CompareMetric::cpu_per_answer: {
      const auto& share = report.host.server_cpu_share;
      if (!share || *share <= 0) return std::nullopt;
      return *share * static_cast<double>(report.measured.count()) /
             static_cast<double>(report.requests.answered);
    }
  }
  return std::nullopt;
}

std::string first_error(const LoadReport& report) {
  for (const ErrorKind kind : error_kinds) {
    if (report.errors.count(kind) > 0) return report.errors.example(kind);
  }
  return "no answer came";
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<double> column(const std::vector<MetricRound>& rounds, Contender contender) {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const MetricRound& round : rounds) values.push_back(round[index_of(contender)]);
  return values;
}

/// False if the numbers can't be compared.
bool judge(ComparedMetric& metric) {
  const std::vector<double> a = column(metric.rounds, Contender::a);
  const std::vector<double> b = column(metric.rounds, Contender::b);
  const std::vector<double> again = column(metric.rounds, Contender::a_again);
  const bool is_rate = metric.metric == CompareMetric::rate;
  const auto comparison =
      compare_pairs({.a = a,
                     .b = b,
                     .a_again = again,
                     .better = is_rate ? BetterWhen::higher : BetterWhen::lower});
  if (!comparison) return false;
  metric.comparison = *comparison;
  metric.medians = {median_of(a), median_of(b), median_of(again)};
  return true;
}

class Comparison {
 public:
  Comparison(const CompareOptions& options, const Runner& run, const RoundSink& told)
      : options_(options), run_(run), told_(told), random_(options.run.seed) {
    for (const CompareMetric metric : metrics_of(options.run)) {
      result_.metrics.push_back({.metric = metric});
    }
  }

  std::expected<CompareResult, std::string> compare() {
    const std::uint32_t rounds = std::min(options_.rounds, compare_rounds_max);
    for (std::uint32_t round = 0; round < rounds && result_.end == CompareEnd::complete; ++round) {
      if (!run_round(round)) return std::unexpected(error_);
    }
    // What some cells could not say is not compared; an interrupted round is not one.
    std::erase_if(result_.metrics, [this](ComparedMetric& metric) {
      return metric.rounds.empty() || metric.rounds.size() < result_.rounds || !judge(metric);
    });
    return std::move(result_);
  }

 private:
  using RoundValues = std::vector<std::array<std::optional<double>, contenders.size()>>;

  /// False: the runner failed.
  bool run_round(std::uint32_t round) {
    RoundValues values(result_.metrics.size());
    for (const Contender contender : draw_order(random_)) {
      const auto report = run_(cell_of(options_, contender, round));
      if (!report) {
        error_ = report.error();
        return false;
      }
      if (!take(*report, contender)) return true;
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i][index_of(contender)] = value_of(result_.metrics[i].metric, *report);
      }
    }
    add_round(values);
    return true;
  }

  /// False: that was the last cell.
  bool take(const LoadReport& report, Contender contender) {
    if (report.interrupted) {
      result_.end = CompareEnd::interrupted;
      return false;
    }
    ++result_.cells;
    result_.errors[index_of(contender)] += report.errors.total();
    if (verdict_of(report) == Verdict::nothing_succeeded) {
      result_.end = CompareEnd::no_answer;
      result_.silent_target = report.options.target.text;
      result_.silence = first_error(report);
      return false;
    }
    note_doubt(report);
    return true;
  }

  void note_doubt(const LoadReport& report) {
    if (!is_untrusted(report)) return;
    ++result_.untrusted_cells;
    if (!result_.doubt.empty()) return;
    const auto veto = std::find_if(
        report.trust.begin(), report.trust.end(),
        [](const TrustCheck& check) { return !check.ok && check.weight == TrustWeight::veto; });
    result_.doubt = veto->text;
    result_.remedy = veto->remedy;
  }

  void add_round(const RoundValues& values) {
    ++result_.rounds;
    bool is_told = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto& of_metric = values[i];
      if (!std::all_of(of_metric.begin(), of_metric.end(),
                       [](const auto& value) { return value.has_value(); })) {
        continue;
      }
      ComparedMetric& metric = result_.metrics[i];
      metric.rounds.push_back({*of_metric[0], *of_metric[1], *of_metric[2]});
      if (told_ && !is_told) told_(result_.rounds, metric.metric, metric.rounds.back());
      is_told = true;
    }
  }

  const CompareOptions& options_;
  const Runner& run_;
  const RoundSink& told_;
  std::mt19937_64 random_;
  CompareResult result_;
  std::string error_;
};

}  // namespace

std::chrono::nanoseconds cell_length(const CompareOptions& options) noexcept {
  return std::min(options.run.duration, options.cell_max);
}

std::string_view to_text(CompareMetric metric) noexcept {
  switch (metric) {
    case CompareMetric::rate:
      return "rate";
    case CompareMetric::p50:
      return "p50";
    case CompareMetric::p99:
      return "p99";
    case CompareMetric::cpu_per_answer:
      return "cpu_per_answer";
  }
  return {};
}

std::expected<CompareResult, std::string> compare(const CompareOptions& options, const Runner& run,
                                                  const RoundSink& told) {
  return Comparison(options, run, told).compare();
}

bool is_slower(const CompareResult& result) noexcept {
  return std::any_of(result.metrics.begin(), result.metrics.end(),
                     [](const ComparedMetric& metric) {
                       return metric.metric != CompareMetric::cpu_per_answer &&
                              metric.comparison.verdict == ComparisonVerdict::slower;
                     });
}

}  // namespace weir::tools::load
