// What `weir doctor` was asked to do.
#pragma once

#include <cstdint>

namespace weir::tools::doctor {

enum class Format : std::uint8_t { text, json };

struct Options {
  Format format = Format::text;
};

}  // namespace weir::tools::doctor
