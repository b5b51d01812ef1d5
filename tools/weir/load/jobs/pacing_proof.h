// How close to its due time a request leaves, and how much this machine can generate: both against
// a server that only echoes.
#pragma once

#include "tools/weir/load/jobs/proof.h"
#include "tools/weir/load/jobs/proof_run.h"

namespace weir::tools::load {

[[nodiscard]] ProofLoad pacing_load(const Options& base);
[[nodiscard]] ProofGroup prove_pacing(const ProofRun& run);

[[nodiscard]] ProofLoad closed_load(const Options& base);
[[nodiscard]] ProofGroup show_closed_rate(const ProofRun& run);

}  // namespace weir::tools::load
