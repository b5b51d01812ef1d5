// Reads the patterns of `--payload`: payload_template.h says what can stand in them.
#pragma once

#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/message/payload_file.h"
#include "tools/weir/load/message/payload_template.h"

namespace weir::tools::load {

/// What reads the file that a pattern names.
using FileReader = Checked<std::string> (*)(std::string_view path);

/// Errors name the position in `text`, from 1, and the nearest name that there is.
[[nodiscard]] Checked<PayloadTemplate> parse_payload_template(
    std::string_view text, FileReader read_file = read_payload_file);

}  // namespace weir::tools::load
