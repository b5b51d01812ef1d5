// ProofRun: a load on a server of our own, and all that a proof looks at.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

struct ProofLoad {
  std::vector<std::string> service{};  ///< what `weir serve` is given: "stall", "--every", "1s"
  Options options{};                   ///< its target is replaced by that server
};

struct ProofRun {
  LoadReport report;
  std::vector<double> second_means_ns{};  ///< mean response time of each whole second
  std::string hlog{};          ///< the response times of each second, as --hlog writes them
  std::string server_words{};  ///< what the server printed, to its end
};

/// Injected, so that the self-test is tested on runs that are formulas. The error is a sentence.
using ProofRunner = std::function<std::expected<ProofRun, std::string>(const ProofLoad& load)>;

/// Starts a `weir serve` in a process of its own, on loopback, runs against it, and ends it.
[[nodiscard]] std::expected<ProofRun, std::string> run_proof(const ProofLoad& load);

/// An open loop at a constant rate, without kernel probes: they would be load of their own.
[[nodiscard]] Options proof_options(const Options& base, Arrival::Kind arrival, double rate,
                                    std::chrono::nanoseconds duration);

}  // namespace weir::tools::load
