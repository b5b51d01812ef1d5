#include "tools/weir/load/jobs/selftest.h"

#include <algorithm>
#include <utility>

#include "tools/weir/load/jobs/pacing_proof.h"
#include "tools/weir/load/jobs/queue_proof.h"
#include "tools/weir/load/jobs/record_proof.h"
#include "tools/weir/load/jobs/stall_proof.h"

namespace weir::tools::load {
namespace {

/// Starting and ending a server, connecting, waiting for the last answers.
constexpr std::chrono::seconds overhead_of_run(1);
/// If pacing was not measured.
constexpr double round_trip_guess_ns = 100'000;

using Prove = std::function<std::vector<ProofGroup>(const ProofRun& run)>;

bool has_passed(const std::vector<ProofGroup>& groups) {
  return std::all_of(groups.begin(), groups.end(), [](const ProofGroup& group) {
    return std::all_of(group.proofs.begin(), group.proofs.end(), [](const Proof& proof) {
      return proof.outcome == ProofOutcome::passed || proof.outcome == ProofOutcome::information;
    });
  });
}

/// Chance, or the machine, may explain what is above its limits.
bool is_worth_another_try(const std::vector<ProofGroup>& groups) {
  return !has_passed(groups) &&
         std::none_of(groups.begin(), groups.end(), [](const ProofGroup& group) {
           return std::any_of(group.proofs.begin(), group.proofs.end(), [](const Proof& proof) {
             return proof.outcome == ProofOutcome::failed && proof.value < proof.limits.low;
           });
         });
}

class Session {
 public:
  Session(const SelftestTools& tools, SelftestResult& result) : tools_(tools), result_(result) {}

  /// The run that counted; none: interrupted, or `error()`.
  std::optional<ProofRun> prove(const std::string& what, ProofLoad load, const Prove& judge_run) {
    if (result_.interrupted || !error_.empty()) return std::nullopt;
    std::vector<ProofGroup> groups;
    std::optional<ProofRun> run;
    for (unsigned attempt = 1;; ++attempt) {
      if (tools_.told) tools_.told(attempt == 1 ? what : what + ", once more");
      auto ran = tools_.run(load);
      if (!ran) {
        error_ = ran.error();
        return std::nullopt;
      }
      run = *std::move(ran);
      result_.interrupted = run->report.interrupted;
      if (result_.interrupted) return std::nullopt;
      groups = judge_run(*run);
      for (ProofGroup& group : groups) group.tries = attempt;
      if (attempt == 2 || !is_worth_another_try(groups) || !has_time_for(load)) break;
      ++load.options.seed;
    }
    for (ProofGroup& group : groups) result_.groups.push_back(std::move(group));
    result_.last = run->report;
    return run;
  }

  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  /// What the runs that come later take.
  void reserve(std::chrono::nanoseconds time) noexcept { reserved_ = time; }

 private:
  [[nodiscard]] bool has_time_for(const ProofLoad& load) const {
    const auto run_time =
        load.options.duration + load.options.warm_up.value_or(load.options.duration);
    return tools_.elapsed() + run_time + overhead_of_run + reserved_ <= selftest_limit;
  }

  const SelftestTools& tools_;
  SelftestResult& result_;
  std::string error_;
  std::chrono::nanoseconds reserved_{};
};

std::vector<ProofGroup> one(ProofGroup group) {
  std::vector<ProofGroup> groups;
  groups.push_back(std::move(group));
  return groups;
}

}  // namespace

std::string_view to_text(SelftestVerdict verdict) noexcept {
  switch (verdict) {
    case SelftestVerdict::passed:
      return "passed";
    case SelftestVerdict::inconclusive:
      return "inconclusive";
    case SelftestVerdict::failed:
      return "failed";
    case SelftestVerdict::interrupted:
      return "interrupted";
  }
  return {};
}

SelftestVerdict verdict_of(const SelftestResult& result) noexcept {
  if (result.interrupted) return SelftestVerdict::interrupted;
  SelftestVerdict verdict = SelftestVerdict::passed;
  for (const ProofGroup& group : result.groups) {
    for (const Proof& proof : group.proofs) {
      if (proof.outcome == ProofOutcome::failed) return SelftestVerdict::failed;
      if (proof.outcome == ProofOutcome::inconclusive) verdict = SelftestVerdict::inconclusive;
    }
  }
  return verdict;
}

std::expected<SelftestResult, std::string> selftest(const Options& base,
                                                    const SelftestTools& tools) {
  using std::chrono::seconds;
  SelftestResult result;
  Session session(tools, result);
  result.groups.push_back(prove_schedule(base.seed));
  session.reserve(seconds(35));
  const auto pacing = session.prove("an echo server", pacing_load(base),
                                    [](const ProofRun& run) { return one(prove_pacing(run)); });
  const double round_trip =
      pacing ? pacing->report.latency.response.all().mean() : round_trip_guess_ns;
  session.reserve(seconds(23));
  (void)session.prove("a server that hangs, 10 connections", stall_load(base, 10, seconds(10)),
                      [](const ProofRun& run) {
                        auto groups = one(prove_stall(run));
                        groups.push_back(prove_hlog(run));
                        return groups;
                      });
  session.reserve(seconds(16));
  (void)session.prove("a server that hangs, 1 connection", stall_load(base, 1, seconds(5)),
                      [](const ProofRun& run) { return one(prove_stall(run)); });
  session.reserve(seconds(4));
  (void)session.prove(
      "a server with one worker", queue_load(base),
      [round_trip](const ProofRun& run) { return one(prove_queue(run, round_trip)); });
  session.reserve(seconds(0));
  (void)session.prove("as much as can be generated", closed_load(base),
                      [](const ProofRun& run) { return one(show_closed_rate(run)); });
  if (!session.error().empty()) return std::unexpected(session.error());
  return result;
}

}  // namespace weir::tools::load
