// What a peer has sent, as text that is safe to print: nothing in it moves a terminal's cursor or
// ends a line of a log.
#pragma once

#include <string>
#include <string_view>

namespace weir::tools::exec {

/// The first 256 bytes in double quotes, with a backslash before quotes and backslashes and
/// whatever is not printable ASCII as \xHH; then "..." if there is more.
[[nodiscard]] std::string quoted_text(std::string_view text);

}  // namespace weir::tools::exec
