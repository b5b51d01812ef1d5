// What a self-test found, for people and for programs.
#pragma once

#include <chrono>
#include <string>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/load/jobs/selftest.h"

namespace weir::tools::load {

/// A row a proof, at most 80 columns; then the verdict.
[[nodiscard]] std::string selftest_text(const SelftestResult& result, std::chrono::nanoseconds took,
                                        TextStyle style);

/// Schema `weir.load.selftest/1`. A side without limit is null.
[[nodiscard]] Json selftest_json(const SelftestResult& result, bool is_strict,
                                 std::chrono::nanoseconds took);

/// `untrusted` if something failed, with --strict also if something is inconclusive.
[[nodiscard]] ExitCode exit_code_of(const SelftestResult& result, bool is_strict) noexcept;

}  // namespace weir::tools::load
