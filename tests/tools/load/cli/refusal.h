// Why `validate` refuses flags.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tools/weir/load/cli/validate.h"

namespace weir::tools::load {

inline std::string refusal(const RawFlags& flags) {
  const auto options = validate(flags);
  EXPECT_FALSE(options);
  return options ? std::string() : options.error().message;
}

}  // namespace weir::tools::load
