// A run's load in words, for reports: what kind, how much, on what.
#pragma once

#include <string>

#include "tools/weir/load/cli/options.h"

namespace weir::tools::load {

/// `open loop: 20 000/s poisson over 8 connections, 64 B a message`
[[nodiscard]] std::string describe_load(const Options& options);

}  // namespace weir::tools::load
