// How long a round trip over a path takes, asked from outside of the relay: small datagrams to an
// echo at the other end, one at a time.
//
// It holds what the relay's own lateness does not: what a packet waited in the device before the
// relay read it, and what the two ends take. The same probe over `lo` says how much the ends are.
#pragma once

#include <chrono>
#include <stop_token>

#include "lateness_histogram.h"
#include "network_interface.h"
#include "network_namespace.h"
#include "problem.h"

namespace delay_relay {

struct ProbeOptions {
  unsigned count = 200;                                 ///< round trips
  weir::Duration pause = std::chrono::milliseconds(5);  ///< between two of them
  weir::Duration patience = std::chrono::seconds(2);    ///< for an answer
};

struct ProbeReport {
  LatenessHistogram round_trips;
  weir::Duration min{};  ///< zero if there was none
  unsigned lost = 0;     ///< not answered in time
};

/// Sends from `client` to `server`, where it answers at `address` itself meanwhile. Blocks for
/// `count` round trips and pauses, or until it is told to stop.
[[nodiscard]] OrProblem<ProbeReport> probe(const NetworkNamespace& client,
                                           const NetworkNamespace& server,
                                           const Ipv4Address& address, const ProbeOptions& options,
                                           const std::stop_token& stop = {});

}  // namespace delay_relay
