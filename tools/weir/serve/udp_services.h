// The services of `weir serve` over UDP, each on one socket until it is drained.
//
//     echo     datagram   ->   the same bytes, to whom they came from
//     upper    "hello"    ->   "HELLO"                       a datagram of the same size
//     sink     datagram   ->   nothing; numbered ones are followed (StreamCensus)
//
// Nothing that a peer sends ends a service. An answer that the kernel refuses (too long for the
// way back, forbidden by a firewall ...) is counted, and the next one goes out. A train is answered
// as a train. After warm-up nothing is allocated.
//
// There is no protection against forged senders: see docs/udp.md before listening beyond this
// machine.
#pragma once

#include <cstdint>

#include "tools/weir/serve/udp_report.h"
#include "weir/weir.h"

namespace weir::tools::serve {

enum class Answer : std::uint8_t { same_bytes, upper_case };

/// `report` outlives the task and is complete when it ends without an error.
Task<Result<void>> answer_datagrams(UdpSocket socket, Answer answer, UdpReport* report);

enum class Follow : std::uint8_t { streams, nothing };

Task<Result<void>> count_datagrams(UdpSocket socket, Follow follow, UdpReport* report);

}  // namespace weir::tools::serve
