// `--backend`: the library's names, with a suggestion for a mistyped one, and what is said where
// the choice can't be met.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "tools/weir/common/usage_error.h"
#include "weir/core/backend_report.h"

namespace weir::tools {

/// `auto`, `io_uring` or `epoll`. Whether it works here is for the runtime to find out.
[[nodiscard]] Checked<Backend> parse_backend_choice(std::string_view text);

/// Why `run` with `wish` ended with `error`: with what is behind it and what would help, if it is
/// about the backend.
[[nodiscard]] std::string explain_run_error(Backend wish, const std::error_code& error);

}  // namespace weir::tools
