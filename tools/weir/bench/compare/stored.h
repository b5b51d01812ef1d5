// A result that is compared with another: of suites, or of the Nagle study.
#pragma once

#include <expected>
#include <string>
#include <variant>

#include "tools/weir/bench/compare/compare_results.h"
#include "tools/weir/bench/compare/compare_studies.h"
#include "tools/weir/bench/options.h"
#include "tools/weir/common/exit_code.h"
#include "tools/weir/common/json_text.h"

namespace weir::tools::bench {

using Stored = std::variant<StoredResult, StoredStudy>;

/// The error is a sentence without a full stop.
[[nodiscard]] std::expected<Stored, std::string> read_stored(const std::string& path);
/// \param name  what it is, for the error
[[nodiscard]] std::expected<Stored, std::string> stored_of(const Json& json,
                                                           const std::string& name);

/// Drops what the options leave out: it is missing in neither result.
void keep_selected(Stored& stored, const Options& options);

/// Prints the comparison. \returns  `slower` if something is, else `incomplete` if something is
/// missing; `bad_usage` if there is nothing to compare.
[[nodiscard]] ExitCode print_comparison(const Stored& before, const Stored& after);

}  // namespace weir::tools::bench
