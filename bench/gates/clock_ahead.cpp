// Puts the clock of this program an hour ahead of the kernel's.
//
// Once a second a shard that has memory to spare sets an alarm, an absolute time for the kernel,
// and gives memory back when it goes off. How many of those fall between two requests depends on
// how busy the machine is; an hour ahead none does. Timeouts are differences, to which nothing
// changes.
#include <chrono>

namespace weir::gates {

using TimePoint = std::chrono::steady_clock::time_point;

// The linker's names for the clock and for what is called in its place: see --wrap in ld(1).
TimePoint kernel_now() noexcept __asm__("__real__ZNSt6chrono3_V212steady_clock3nowEv");
TimePoint now_ahead() noexcept __asm__("__wrap__ZNSt6chrono3_V212steady_clock3nowEv");

TimePoint now_ahead() noexcept { return kernel_now() + std::chrono::hours(1); }

}  // namespace weir::gates
