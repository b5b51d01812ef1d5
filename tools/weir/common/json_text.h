// JSON as text. What comes from outside (paths, names of machines) may not be UTF-8: such bytes are
// replaced, because a report that cannot be written is worse than one odd letter.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace weir::tools {

/// Keys in the order of insertion, so that a report reads from top to bottom.
using Json = nlohmann::ordered_json;

/// Indented by two; no newline at the end.
[[nodiscard]] std::string json_text(const Json& json);

}  // namespace weir::tools
