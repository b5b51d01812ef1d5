// Connects a load's connection to its target.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "tools/weir/load/cli/options.h"
#include "weir/base/result.h"
#include "weir/core/task.h"
#include "weir/net/stream.h"

namespace weir::tools::load {

/// To the connection's target, from its source address, with the socket options asked for.
/// `options` outlive the task.
[[nodiscard]] Task<Result<Stream>> open_stream(const Options& options, std::uint32_t connection);

/// The target that connection `number` goes to: they take turns.
[[nodiscard]] const Target& target_of(const Options& options, std::uint32_t connection) noexcept;

/// For people: what failed, and what to try.
[[nodiscard]] std::string explain_connect_error(const Target& target, const std::error_code& error);

}  // namespace weir::tools::load
