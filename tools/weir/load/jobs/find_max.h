// The highest rate at which a server keeps its goals, as two bounds: the highest rate that held and
// the lowest that failed. The idea is that of MLRsearch (FD.io, draft-ietf-bmwg-mlrsearch): short
// trials find out where to look, and long ones decide.
//
//     grow      x4 from the range's first rate until a short trial fails
//     narrow    short trials, each halving the bracket (of log rate) until it is narrow enough
//     confirm   long trials of both bounds; where they contradict the short ones the bracket moves,
//               in steps that double, and is narrowed again
//
//     rate  100   400   1600   6400   3200  4525 ...          3805   3870
//           held  held  held   failed held  failed  (short)   held   failed  (long)
//
// A trial that does not hold is repeated once, and only the second counts: what happens to a server
// now and then is noise, what it does each time is its limit. So near the limit the result leans to
// the higher rate, by about half the noise of a long trial.
//
// A doubtful trial (untrusted: the generator or the machine was the limit) holds nothing. The
// search goes on below it, and its upper bound says whose limit it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/weir/load/jobs/runner.h"
#include "tools/weir/load/jobs/trial.h"
#include "tools/weir/load/plan/rate.h"

namespace weir::tools::load {

struct FindMaxOptions {
  Options run;          ///< its duration is that of the long trials
  RateRange range;      ///< first below last
  double width = 0.02;  ///< upper bound over lower, less 1
  std::chrono::nanoseconds short_trial = std::chrono::seconds(1);  ///< if that is shorter
};

/// How long a search takes, before it begins.
struct FindMaxPlan {
  std::size_t trials_max = 0;           ///< never more
  std::chrono::nanoseconds expected{};  ///< if every failure is repeated and no bound moves
  std::chrono::nanoseconds longest{};
};

/// Warming up is guessed where it is automatic.
[[nodiscard]] FindMaxPlan plan_find_max(const FindMaxOptions& options);

enum class FindMaxEnd : std::uint8_t {
  bracketed,          ///< both bounds, as narrow as was asked for
  range_held,         ///< the highest rate of the range was held too
  range_failed,       ///< not even the lowest rate was held
  not_narrowed,       ///< the bounds kept moving until the trials were used up
  nothing_succeeded,  ///< the server never answered
  interrupted,
};

struct FindMaxResult {
  FindMaxEnd end = FindMaxEnd::not_narrowed;
  std::optional<double> lower{};  ///< highest rate that held; of long trials if there were any
  std::optional<double> upper{};  ///< lowest that did not
  /// The upper bound was doubtful: what the server can do above `lower` is not known.
  bool is_generator_limit = false;
  std::string limit_reason{};  ///< of the upper bound
  std::string remedy{};        ///< of a doubtful one
  std::vector<Trial> trials{};
};

/// Told of each trial when it is over.
using TrialSink = std::function<void(const Trial& trial)>;

/// The error is that of the runner.
[[nodiscard]] std::expected<FindMaxResult, std::string> find_max(const FindMaxOptions& options,
                                                                 const Runner& run,
                                                                 const TrialSink& told);

}  // namespace weir::tools::load
