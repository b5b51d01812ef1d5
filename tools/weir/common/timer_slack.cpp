#include "tools/weir/common/timer_slack.h"

#include <sys/prctl.h>

namespace weir::tools {

void ask_for_exact_timers() noexcept {
  constexpr unsigned long slack_ns = 1;  // 0 would mean the default
  (void)::prctl(PR_SET_TIMERSLACK, slack_ns, 0UL, 0UL, 0UL);
}

}  // namespace weir::tools
