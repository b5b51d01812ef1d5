// The suites over TCP: what a request costs (echo), a frame (framing), a MiB (stream), a connection
// (churn), a connection that does nothing (idle), and what more shards bring (shards).
#pragma once

#include <vector>

#include "tools/weir/bench/options.h"
#include "tools/weir/bench/rounds/suite_case.h"
#include "tools/weir/bench/suites/programs.h"

namespace weir::tools::bench {

[[nodiscard]] std::vector<CaseSpec> echo_cases(const Programs& programs, Effort effort);
[[nodiscard]] std::vector<CaseSpec> framing_cases(const Programs& programs, Effort effort);
[[nodiscard]] std::vector<CaseSpec> stream_cases(const Programs& programs, Effort effort);
[[nodiscard]] std::vector<CaseSpec> churn_cases(const Programs& programs, Effort effort);
[[nodiscard]] std::vector<CaseSpec> idle_cases(const Programs& programs, Effort effort);
[[nodiscard]] std::vector<CaseSpec> shards_cases(const Programs& programs, Effort effort);

/// In the order in which shards take them: the load's own comes last, as only all shards need it.
[[nodiscard]] std::vector<int> shard_cpus(std::vector<int> allowed, int client);

/// 1, 2, 4 and so on below `processors`, and all of them.
[[nodiscard]] std::vector<unsigned> shard_counts(unsigned processors);

}  // namespace weir::tools::bench
