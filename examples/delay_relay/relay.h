// The relay: takes every packet out of one TUN device and puts it into the other half a round-trip
// time later, in both directions. The packets are whole IP packets, so the TCP at the two ends sees
// the delay in everything: data, ACKs, window updates. A relay of TCP connections would not do:
// each of its legs would have the ACK clock of a local connection.
//
// One shard, two tasks a direction: one reads and stamps, one waits and writes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "emulated_path.h"
#include "lateness_histogram.h"
#include "weir/weir.h"

namespace delay_relay {

struct RelayOptions {
  weir::Duration rtt{};            ///< each direction delays by half of it
  std::size_t packets_max = 8192;  ///< on their way in one direction; more are dropped
  /// Be awake this long before a packet is due. README.md has what it is worth.
  weir::Duration wake_early = std::chrono::microseconds(200);
};

/// What one direction has carried.
struct DirectionCounts {
  std::uint64_t packets = 0;       ///< delivered
  std::uint64_t bytes = 0;         ///< of those
  std::uint64_t dropped_full = 0;  ///< while `packets_max` were on their way
  std::uint64_t refused = 0;       ///< by the kernel, when written
  std::uint64_t left_over = 0;     ///< on their way when the relay ended
  std::size_t under_way_max = 0;
  /// From when a packet was due, its reading plus the delay, to when its writing began. How long it
  /// waited to be read cannot be seen from here: see path_probe.h.
  LatenessHistogram lateness;
};

struct RelayCounts {
  DirectionCounts to_server;
  DirectionCounts to_client;
};

/// Relays until it is cancelled, and yields why; or the error of a device that is gone. `counts` is
/// written as it goes, and whole at the end. Path and counts outlive the task.
[[nodiscard]] weir::Task<weir::Result<void>> relay(const EmulatedPath* path, RelayOptions options,
                                                   RelayCounts* counts);

}  // namespace delay_relay
