// One worker with fixed service times of 1 ms and Poisson arrivals at 70 % load: M/D/1, whose mean
// wait queueing theory knows; and, sharper, the mean wait of this very schedule, which Lindley's
// recursion computes request by request, so that chance has no part in it.
//
// The interval around theory: waits depend on each other (who waits waits behind who waited), so
// the seconds' means are the samples (batch means; the queue forgets within 0.1 s), and Student's
// interval of their mean, 99 %, is the width. Upwards a round trip is added, which every response
// time has in it, as measured with an echo server, and what the server admits: that its services
// took longer than they were to.
#pragma once

#include <optional>

#include "tools/weir/load/jobs/proof.h"
#include "tools/weir/load/jobs/proof_run.h"

namespace weir::tools::load {

[[nodiscard]] ProofLoad queue_load(const Options& base);

/// \param round_trip_ns  mean response time of an echo server
[[nodiscard]] ProofGroup prove_queue(const ProofRun& run, double round_trip_ns);

/// Mean wait of a run's requests if each was served for `service_ns`, in the order of their due
/// times, and the worker was idle at first.
[[nodiscard]] double computed_mean_wait(const Options& options, double service_ns);

/// Half the width of a 99 % interval; none: fewer than 10 batches.
[[nodiscard]] std::optional<double> batch_half_width(const std::vector<double>& batches);

/// By how much the services of `weir serve work` were longer than drawn, on average, in ns; as it
/// says at its end. 0: it does not say so.
[[nodiscard]] double admitted_excess_ns(const std::string& server_words);

}  // namespace weir::tools::load
