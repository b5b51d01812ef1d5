// The rules of `check_trust`, one function each: `nullopt` where a rule does not apply, as those
// about schedules to a closed loop, or nothing was measured to judge by. Remedies are what follows
// "try".
#pragma once

#include <optional>
#include <string>

#include "tools/weir/load/report/report.h"
#include "tools/weir/load/trust/trust_check.h"

namespace weir::tools::load {

/// schedule_rules.cpp
[[nodiscard]] std::optional<TrustCheck> check_offered_rate(const LoadReport& report);
[[nodiscard]] std::optional<TrustCheck> check_send_lag(const LoadReport& report);
[[nodiscard]] std::optional<TrustCheck> check_arrivals(const LoadReport& report);

/// machine_rules.cpp
[[nodiscard]] std::optional<TrustCheck> check_generator_busy(const LoadReport& report);
[[nodiscard]] std::optional<TrustCheck> check_steal(const LoadReport& report);
[[nodiscard]] std::optional<TrustCheck> check_pressure(const LoadReport& report);
[[nodiscard]] std::optional<TrustCheck> check_shared_cpus(const LoadReport& report);
[[nodiscard]] std::optional<TrustCheck> check_optimized_build(const LoadReport& report);

/// kernel_rules.cpp
[[nodiscard]] std::optional<TrustCheck> check_kernel_drops(const LoadReport& report);
[[nodiscard]] std::optional<TrustCheck> check_socket_buffers(const LoadReport& report);

/// result_rules.cpp
[[nodiscard]] std::optional<TrustCheck> check_connections(const LoadReport& report);
[[nodiscard]] std::optional<TrustCheck> check_latency_range(const LoadReport& report);
[[nodiscard]] std::optional<TrustCheck> check_run_length(const LoadReport& report);

/// nagle_rule.cpp
[[nodiscard]] std::optional<TrustCheck> check_nagle_stalls(const LoadReport& report);

/// steady_rule.cpp
[[nodiscard]] std::optional<TrustCheck> check_steady(const LoadReport& report);

/// What gives the generator more processor time, or asks less of it: `--shards 3`.
[[nodiscard]] std::string remedy_for_slow_generator(const LoadReport& report);

}  // namespace weir::tools::load
