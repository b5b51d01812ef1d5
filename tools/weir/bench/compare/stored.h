// A result that is compared with another: of suites, of the Nagle study, or of the micro
// benchmarks.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "tools/weir/bench/compare/compare_micros.h"
#include "tools/weir/bench/compare/compare_results.h"
#include "tools/weir/bench/compare/compare_studies.h"
#include "tools/weir/bench/options.h"
#include "tools/weir/common/exit_code.h"
#include "tools/weir/common/json_text.h"

namespace weir::tools::bench {

using Stored = std::variant<StoredResult, StoredStudy, StoredMicros>;

/// The error is a sentence without a full stop.
[[nodiscard]] std::expected<Stored, std::string> read_stored(const std::string& path);
/// \param name  what it is, for the error
[[nodiscard]] std::expected<Stored, std::string> stored_of(const Json& json,
                                                           const std::string& name);

/// `suites`, `the Nagle study`, `micro benchmarks`: what it is a result of.
[[nodiscard]] std::string_view kind_of(const Stored& stored) noexcept;

/// Drops what the options leave out: it is missing in neither result.
void keep_selected(Stored& stored, const Options& options);

/// Prints the comparison. \returns  `slower` if something is, else `incomplete` if something is
/// missing; `bad_usage` if there is nothing to compare.
[[nodiscard]] ExitCode print_comparison(const Stored& before, const Stored& after);

}  // namespace weir::tools::bench
