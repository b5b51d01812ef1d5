// What a comparison of two servers found, for people and for programs.
#pragma once

#include <string>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/load/jobs/compare.h"

namespace weir::tools::load {

/// Before it begins: what is compared, and how long that takes.
[[nodiscard]] std::string compare_plan_text(const CompareOptions& options);

/// `round   3 of 10  p50  A 61 us  B 63 us  A again 60 us`
[[nodiscard]] std::string round_line(const CompareOptions& options, std::uint32_t round,
                                     CompareMetric metric, const MetricRound& values,
                                     TextStyle style);

/// At most 80 columns.
[[nodiscard]] std::string compare_text(const CompareOptions& options, const CompareResult& result,
                                       TextStyle style);

/// Schema `weir.load.compare/1`, with every round.
[[nodiscard]] Json compare_json(const CompareOptions& options, const CompareResult& result);

/// `slower` if B is, beyond noise. With --strict a comparison most cells of which are untrusted is
/// `untrusted`, whatever it found.
[[nodiscard]] ExitCode exit_code_of(const CompareOptions& options,
                                    const CompareResult& result) noexcept;

}  // namespace weir::tools::load
