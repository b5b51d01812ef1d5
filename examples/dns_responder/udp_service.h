// Answers queries that come by UDP, on every shard: what one receive brings leaves in one send.
#pragma once

#include "responder.h"
#include "weir/weir.h"

namespace dns_responder {

/// Binds a socket for each shard; on an unspecified address they tell where each query was sent to,
/// because that is where its answer has to come from.
[[nodiscard]] weir::Result<weir::UdpServer> bind_udp(const weir::Address& address);

/// Serves until the drain. The server and the responder outlive the task.
[[nodiscard]] weir::Task<weir::Result<void>> serve_udp(weir::UdpServer* server,
                                                       const Responder* responder);

}  // namespace dns_responder
