// Whether a network device can send (RFC 2863, section 3.1.13; IFLA_OPERSTATE of rtnetlink(7)).
//
// To be up is not enough: a device whose carrier comes later, such as one of a pair when the other
// one comes up, is told to send by a worker of the kernel, which takes its time on a busy machine.
// Until then the device drops what is sent, and its other flags do not show it.
#pragma once

#include <string>

#include "examples/delay_relay/problem.h"

namespace weir::tools::bench {

/// Waits for the device of that name in the calling thread's namespace, which has been brought up.
/// Errors: ETIMEDOUT after ten seconds, ENODEV.
[[nodiscard]] delay_relay::OrProblem<void> wait_until_operational(const std::string& device);

}  // namespace weir::tools::bench
