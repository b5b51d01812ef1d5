// What needs no server: schedules that repeat, and results that can be read back.
#pragma once

#include <cstdint>

#include "tools/weir/load/jobs/proof.h"
#include "tools/weir/load/jobs/proof_run.h"

namespace weir::tools::load {

/// A Poisson schedule: its gaps, and whether its seed makes it again, in one part and in two.
[[nodiscard]] ProofGroup prove_schedule(std::uint64_t seed);

/// The seconds of a run's .hlog, read back, are its distribution.
[[nodiscard]] ProofGroup prove_hlog(const ProofRun& run);

}  // namespace weir::tools::load
