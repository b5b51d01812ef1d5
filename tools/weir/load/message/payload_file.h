// Files that requests are made of: `--payload-file FILE`, and the lines that `{pick:FILE}` draws.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/usage_error.h"

namespace weir::tools::load {

/// All of a file, at most `payload_bytes_max`.
[[nodiscard]] Checked<std::string> read_payload_file(std::string_view path);

/// The lines of a text without their ends, LF or CRLF. A last line needs no end.
[[nodiscard]] std::vector<std::string> split_lines(std::string_view text);

}  // namespace weir::tools::load
