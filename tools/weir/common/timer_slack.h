// How late the kernel may wake a thread.
#pragma once

namespace weir::tools {

/// By default the kernel wakes a thread up to 50 us late, to save wake-ups. From now on it does not
/// for the calling thread, and those that it starts. A kernel that refuses is that much later, no
/// more.
void ask_for_exact_timers() noexcept;

}  // namespace weir::tools
