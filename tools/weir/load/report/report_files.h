// Where a report goes besides the terminal: JSON, CSV and HTML, each to a file or to stdout.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// Whether stdout belongs to one of the outputs, so that nothing else may be printed there.
[[nodiscard]] bool claims_stdout(const OutputChoice& output) noexcept;

/// Writes one output to a file, or to stdout if `path` is "-".
///
/// \param name  what it is: "JSON"
/// \returns  a sentence without a full stop if that failed
[[nodiscard]] std::optional<std::string> write_output(std::string_view name,
                                                      const std::string& path,
                                                      std::string_view text);

/// Writes what `report.options.output` names, "-" being stdout; .hlog files are written while a run
/// goes on. An output that cannot be written (a full disk, a reader that went away) costs no other.
///
/// \returns  a sentence without a full stop for each that failed; empty if all is written
[[nodiscard]] std::vector<std::string> write_report_files(const LoadReport& report);

}  // namespace weir::tools::load
