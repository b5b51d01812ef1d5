// A server that hangs for the last 100 ms of every second, and what a generator has to see of it.
//
// Of requests at a constant rate over whole seconds, wherever they begin, a tenth waits, evenly
// spread between 0 and 100 ms: p99 = 90 ms, p99.9 = 99 ms, mean 5 ms. At a fixed spacing of 1 ms
// that is exact to the spacing. (Poisson arrivals would scatter p99 by 1 % and the mean by 4 % in
// 10 000 requests.) A generator that shows less left out what it could not send meanwhile.
#pragma once

#include <cstdint>

#include "tools/weir/load/jobs/proof.h"
#include "tools/weir/load/jobs/proof_run.h"

namespace weir::tools::load {

[[nodiscard]] ProofLoad stall_load(const Options& base, std::uint32_t connections,
                                   std::chrono::seconds duration);

[[nodiscard]] ProofGroup prove_stall(const ProofRun& run);

}  // namespace weir::tools::load
