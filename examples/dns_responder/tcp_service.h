// Answers queries that come over TCP: each behind its length in two bytes, so does its answer
// (RFC 1035 section 4.2.2). Any number a connection, several at once, answered in order (RFC 7766).
#pragma once

#include "responder.h"
#include "weir/weir.h"

namespace dns_responder {

/// Serves on every shard until the drain. The listener and the responder outlive the task.
[[nodiscard]] weir::Task<weir::Result<weir::ServeStats>> serve_tcp(weir::TcpListener* listener,
                                                                   const Responder* responder);

}  // namespace dns_responder
