// Reading JSON that may be anybody's: what is missing or of another kind reads as nothing, numbers
// beyond a type's range as its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"

namespace weir::tools::load {

/// Null if `json` is no object or has no such key.
[[nodiscard]] const Json& field(const Json& json, std::string_view key);

/// 0 for what is no number.
[[nodiscard]] double double_of(const Json& json);
/// 0 for what is no number, or below it.
[[nodiscard]] std::uint64_t count_of(const Json& json);
/// A number of nanoseconds.
[[nodiscard]] std::chrono::nanoseconds nanoseconds_of(const Json& json);
/// A number of seconds.
[[nodiscard]] std::chrono::nanoseconds seconds_of(const Json& json);
[[nodiscard]] bool bool_of(const Json& json);
/// Empty for what is no text.
[[nodiscard]] std::string text_of(const Json& json);

}  // namespace weir::tools::load
