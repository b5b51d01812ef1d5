// On or off, by name.
#pragma once

#include <cstdint>

namespace weir {

enum class Switch : std::uint8_t { off, on };

}  // namespace weir
