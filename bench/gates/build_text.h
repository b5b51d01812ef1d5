// What compiled this: two builds with the same text make the same instructions of the same source.
#pragma once

#include <string_view>

namespace weir::gates {

#ifdef __OPTIMIZE__
inline constexpr std::string_view build_text = WEIR_GATES_COMPILER ", optimised";
#else
inline constexpr std::string_view build_text = WEIR_GATES_COMPILER ", not optimised";
#endif

}  // namespace weir::gates
