#include "net/served_connection.h"

#include "net/shard_server.h"
#include "weir/base/allocate.h"

namespace weir::detail {

void* ServedConnection::operator new(std::size_t bytes) { return allocate_frame(bytes); }

void ServedConnection::operator delete(void* connection, std::size_t bytes) noexcept {
  deallocate_frame(connection, bytes);
}

ServedConnection::ServedConnection(ShardServer& server, StreamState& stream,
                                   PeerCounts::iterator peer) noexcept
    : server_(server), stream_(stream), peer_(peer) {
  stream_.add_reference();
  stream_.observe_close(*this);
}

ServedConnection::~ServedConnection() {
  Shard::current().timers().cancel(*this);
  stream_.release();
}

void ServedConnection::start(Task<Result<void>> handler) noexcept {
  handler_ = std::move(handler);
  Shard::current().make_ready(*this);
  if (server_.idle_timeout() > Duration::zero()) {
    stream_.watch_activity();
    watch_idleness();
  }
}

/// Comes twice: to start the handler, and when that has ended.
void ServedConnection::run() noexcept {
  if (!handler_.ended()) {
    handler_.start_alone(*this, &domain_);
    return;
  }
  failed_ = !handler_succeeded();
  handler_ = {};  // and with its frame the handler's stream, which closes
  handler_ended_ = true;
  end_if_over();
}

bool ServedConnection::handler_succeeded() noexcept {
  try {
    return handler_.await_resume().has_value();
  } catch (...) {
    return false;
  }
}

/// One timer a connection, looked at when it is due: activity costs nothing.
void ServedConnection::watch_idleness() noexcept {
  const TimePoint deadline = deadline_after(stream_.last_activity(), server_.idle_timeout());
  Shard::current().timers().arm(*this, deadline);
}

void ServedConnection::on_due() noexcept {
  if (Clock::now() - stream_.last_activity() < server_.idle_timeout()) {
    watch_idleness();
    return;
  }
  idle_cancelled_ = true;
  domain_.request(Error::deadline_exceeded);
}

void ServedConnection::cancel(std::error_code reason) noexcept {
  stream_.remember_peer();
  domain_.request(reason);
  stream_.abort();
}

void ServedConnection::on_closed() noexcept {
  closed_ = true;
  end_if_over();
}

void ServedConnection::end_if_over() noexcept {
  if (handler_ended_ && closed_) server_.connection_ended(*this);
}

}  // namespace weir::detail
