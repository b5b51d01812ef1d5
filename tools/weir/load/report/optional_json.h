// JSON of what may be missing.
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"

namespace weir::tools::load {

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace weir::tools::load
