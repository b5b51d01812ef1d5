// A latency-throughput curve as a table for people and for programs. As a page: report/sweep_html.
#pragma once

#include <span>
#include <string>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/load/jobs/sweep.h"

namespace weir::tools::load {

/// The head of the table, and a line of it: at most 80 columns.
[[nodiscard]] std::string sweep_head();
[[nodiscard]] std::string sweep_line(const LoadReport& report, TextStyle style);

/// Table, what its columns mean, why it ended, and what of it is not to be believed.
[[nodiscard]] std::string sweep_text(const SweepResult& result, TextStyle style);

/// An array of `weir.load/1`.
[[nodiscard]] std::string sweep_json(std::span<const LoadReport> reports);

/// A line of names, then a line a rate; times in ns, shares of one.
[[nodiscard]] std::string sweep_csv(std::span<const LoadReport> reports);

/// Overload is what a sweep looks for, no failure; errors below it are one.
[[nodiscard]] ExitCode exit_code_of(const SweepResult& result) noexcept;

}  // namespace weir::tools::load
