// `weir doctor`: from raw flags to options. Every combination of its flags makes sense.
#pragma once

#include "tools/weir/doctor/options.h"
#include "tools/weir/doctor/parse.h"

namespace weir::tools::doctor {

[[nodiscard]] constexpr Options validate(const RawFlags& flags) noexcept {
  return {.format = flags.json ? Format::json : Format::text};
}

}  // namespace weir::tools::doctor
