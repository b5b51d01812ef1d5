#include "tools/weir/bench/rounds/run_case.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/rounds/compare_contenders.h"
#include "tools/weir/bench/rounds/load_limit.h"
#include "tools/weir/bench/rounds/precision.h"

namespace weir::tools::bench {
namespace {

constexpr unsigned rounds_a_start = 4;
constexpr std::chrono::milliseconds trace_duration{200};
/// The time to compare all grows with the square of the rounds.
constexpr unsigned rounds_between_looks_min = 4;
constexpr unsigned looks_share = 4;
/// Of a case: more say the same.
constexpr std::size_t notes_max = 8;

class CaseRun {
 public:
  CaseRun(const CaseSpec& spec, const RoundPlan& plan, const CaseProgress& progress)
      : plan_(plan), progress_(progress), random_(plan.seed) {
    result_.spec = spec;
    for (const ContenderSpec& contender : spec.contenders) {
      result_.contenders.push_back({.spec = contender});
    }
  }

  CaseResult run() && {
    const auto done = run_rounds();
    running_.clear();
    if (!done) result_.failure = done.error();
    if (result_.rounds > 0) compare_contenders(result_);
    if (auto note = load_limit_note(result_)) result_.notes.push_back(*std::move(note));
    return std::move(result_);
  }

 private:
  std::expected<void, std::string> run_rounds() {
    const unsigned rounds = std::min(plan_.rounds, result_.spec.rounds_max);
    const unsigned restart = result_.spec.is_fresh_each_round ? 1 : rounds_a_start;
    std::vector<std::size_t> order(result_.contenders.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (unsigned round = 0; round < rounds && !is_enough(); ++round) {
      if (round % restart == 0) {
        if (auto started = start(); !started) return started;
        if (round == 0) {
          if (auto prepared = prepare(); !prepared) return prepared;
        }
      }
      std::ranges::shuffle(order, random_);
      std::vector<Cell> cells(order.size());
      for (const std::size_t which : order) {
        progress_(round, rounds, result_.contenders[which].spec.name);
        auto cell = measure(which);
        if (!cell) return std::unexpected(cell.error());
        cells[which] = *std::move(cell);
      }
      if (is_whole(cells)) {
        keep(cells);
      } else {
        ++rounds_left_out_;
      }
    }
    return tell_rounds_left_out();
  }

  std::expected<void, std::string> tell_rounds_left_out() {
    if (rounds_left_out_ == 0) return {};
    std::string text = fmt::format(
        "{} of {} rounds are left out: a value of some server was not to be had in them, such as "
        "its processor time",
        rounds_left_out_, rounds_left_out_ + result_.rounds);
    if (result_.rounds == 0) return std::unexpected(std::move(text));
    result_.notes.push_back(std::move(text));
    return {};
  }

  /// Each contender has a value of each metric: without that, later rounds would make pairs of
  /// values that were not measured together. A server's processor time may not be known, as when a
  /// thread of it ends meanwhile.
  static bool is_whole(const std::vector<Cell>& cells) {
    return std::ranges::all_of(cells, [&](const Cell& cell) {
      return std::ranges::equal(cell.values, cells.front().values, {},
                                &std::pair<SuiteMetric, double>::first,
                                &std::pair<SuiteMetric, double>::first);
    });
  }

  bool is_enough() {
    if (!plan_.precision || result_.rounds < next_look_) return false;
    next_look_ = result_.rounds + std::max(rounds_between_looks_min, result_.rounds / looks_share);
    compare_contenders(result_);
    return is_precise(result_, *plan_.precision);
  }

  std::expected<void, std::string> start() {
    running_.clear();
    for (const ContenderResult& contender : result_.contenders) {
      auto started = RunningContender::start(contender.spec);
      if (!started) return std::unexpected(started.error());
      running_.push_back(std::move(*started));
    }
    return {};
  }

  std::expected<void, std::string> prepare() {
    if (auto prepared = result_.spec.load->prepare(running_); !prepared) return prepared;
    if (result_.spec.is_fresh_each_round) return {};  // it counts its own calls
    for (std::size_t which = 0; which < running_.size(); ++which) {
      ContenderResult& contender = result_.contenders[which];
      CallObserver observer;
      const CellOr cell = result_.spec.load->run(running_[which], trace_duration, observer);
      if (!cell) return std::unexpected(fmt::format("{}: {}", contender.spec.name, cell.error()));
      if (observer.calls() && cell->units > 0) {
        contender.calls = static_cast<double>(*observer.calls()) / cell->units;
      }
    }
    return {};
  }

  CellOr measure(std::size_t which) {
    CpuObserver observer;
    const std::string& name = result_.contenders[which].spec.name;
    CellOr cell = result_.spec.load->run(running_[which], plan_.cell, observer);
    if (!cell) return std::unexpected(fmt::format("{}: {}", name, cell.error()));
    if (cell->units <= 0) return std::unexpected(fmt::format("{}: nothing was done", name));
    const auto used = static_cast<double>(observer.used().count());
    if (used > 0) cell->values.emplace_back(SuiteMetric::cpu, used / cell->units);
    if (!cell->note.empty() && result_.notes.size() < notes_max) {
      result_.notes.push_back(fmt::format("{}: {}", name, std::exchange(cell->note, {})));
    }
    return cell;
  }

  /// A whole round, or none of it: pairs need both.
  void keep(const std::vector<Cell>& cells) {
    for (std::size_t which = 0; which < cells.size(); ++which) {
      Samples& samples = result_.contenders[which].samples;
      double both_cpu = 0;
      unsigned sides = 0;
      for (const auto& [metric, value] : cells[which].values) {
        samples.add(metric, value);
        if (metric == SuiteMetric::cpu || metric == SuiteMetric::client_cpu) {
          both_cpu += value;
          ++sides;
        }
      }
      if (sides == 2) samples.add(SuiteMetric::both_cpu, both_cpu);
      if (cells[which].latency) result_.contenders[which].add_latency(*cells[which].latency);
    }
    ++result_.rounds;
  }

  const RoundPlan& plan_;
  const CaseProgress& progress_;
  std::mt19937_64 random_;
  CaseResult result_;
  std::vector<RunningContender> running_;
  unsigned rounds_left_out_ = 0;
  unsigned next_look_ = precise_rounds_min;
};

}  // namespace

CaseResult run_case(const CaseSpec& spec, const RoundPlan& plan, const CaseProgress& progress) {
  return CaseRun(spec, plan, progress).run();
}

}  // namespace weir::tools::bench
