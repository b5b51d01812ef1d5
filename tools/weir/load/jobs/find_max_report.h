// What a search for the highest rate found, for people and for programs.
#pragma once

#include <string>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/load/jobs/find_max.h"

namespace weir::tools::load {

/// Before it begins: what is searched, and how long that takes.
[[nodiscard]] std::string find_max_plan_text(const FindMaxOptions& options);

/// At most 80 columns.
[[nodiscard]] std::string find_max_text(const FindMaxOptions& options, const FindMaxResult& result,
                                        TextStyle style);

/// Schema `weir.load.find-max/1`.
[[nodiscard]] Json find_max_json(const FindMaxOptions& options, const FindMaxResult& result);

/// Done if a rate held; else who kept it from that: `slo_failed` the server, `untrusted` the
/// generator or the machine.
[[nodiscard]] ExitCode exit_code_of(const FindMaxResult& result) noexcept;

}  // namespace weir::tools::load
