// `--backend`: the library's names, with a suggestion for a mistyped one.
#pragma once

#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "weir/core/backend_report.h"

namespace weir::tools {

/// `auto`, `io_uring` or `epoll`. Whether it works here is for the runtime to find out.
[[nodiscard]] Checked<Backend> parse_backend_choice(std::string_view text);

}  // namespace weir::tools
