// Why `validate` refuses flags.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tools/weir/serve/validate.h"

namespace weir::tools::serve {

inline std::string refusal(const RawFlags& flags) {
  const auto options = validate(flags);
  EXPECT_FALSE(options);
  return options ? std::string() : options.error().message;
}

}  // namespace weir::tools::serve
