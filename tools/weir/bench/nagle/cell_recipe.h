// What the cells of the scenarios are made from.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tools/weir/bench/nagle/cell.h"

namespace weir::tools::bench {

/// A stall is 40 ms: time for ten of them.
inline constexpr std::chrono::milliseconds stalling_duration_min{400};

/// A request in writes of these sizes, then its answer; named after them.
[[nodiscard]] CellSpec exchange_cell(std::string_view scenario, std::vector<std::size_t> parts,
                                     WriteMode mode, std::chrono::nanoseconds duration);

/// Messages without answers, as many as go.
[[nodiscard]] CellSpec stream_cell(std::string_view scenario, std::size_t bytes, WriteMode mode,
                                   std::chrono::nanoseconds duration);

/// Messages of 64 B without answers, one each `interval`.
[[nodiscard]] CellSpec paced_cell(std::string_view scenario, std::chrono::microseconds interval,
                                  WriteMode mode, std::chrono::nanoseconds duration);

/// The same, `burst` of them each `interval`: `8x64 B every 1 ms`.
[[nodiscard]] CellSpec burst_cell(std::string_view scenario, unsigned burst,
                                  std::chrono::microseconds interval, WriteMode mode,
                                  std::chrono::nanoseconds duration);

/// Messages of 64 B each `interval`, gathered by the application: a segment of an Ethernet, or what
/// `delay` brings.
[[nodiscard]] CellSpec batch_cell(std::string_view scenario, std::chrono::microseconds interval,
                                  std::chrono::microseconds delay,
                                  std::chrono::nanoseconds duration);

}  // namespace weir::tools::bench
