// Which congestion controls the study can put on its sockets: what the kernel has
// (net.ipv4.tcp_available_congestion_control) and lets this process use
// (net.ipv4.tcp_allowed_congestion_control; root may use all).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"

namespace weir::tools::bench {

/// Puts one on a socket that nobody needs. Errors: ENOENT, EPERM.
using CongestionProbe = std::function<Result<void>(std::string_view name)>;

[[nodiscard]] Result<void> probe_congestion_control(std::string_view name);

/// Of cubic, reno and bbr those that can be had; the first is for cells that do not vary it.
/// \param left_out  gets a sentence for each other one
[[nodiscard]] std::vector<std::string> usable_congestion_controls(
    const CongestionProbe& probe, std::vector<std::string>& left_out);

}  // namespace weir::tools::bench
