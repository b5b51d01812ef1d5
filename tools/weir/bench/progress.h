// A line for whoever waits, overwritten by the next; results go to stdout.
#pragma once

#include <string_view>

namespace weir::tools::bench {

/// Nothing where stderr is no terminal.
void show_progress(std::string_view line);
void clear_progress();

}  // namespace weir::tools::bench
