// The flags that are for streams: what is said on a connection, how it is written, and how
// connections come and go.
#pragma once

#include <cstdint>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/cli/parse.h"

namespace weir::tools::load {

/// A connection costs a descriptor, and Linux allows a process about a million (fs.nr_open).
inline constexpr std::uint64_t connections_max = 1'000'000;

/// \param options  has targets, schedule, connections and depth
[[nodiscard]] Checked<void> apply_stream_flags(const RawFlags& flags, Options& options);

/// One sentence if a flag is set that is for streams only.
[[nodiscard]] Checked<void> refuse_stream_flags(const RawFlags& flags);

}  // namespace weir::tools::load
