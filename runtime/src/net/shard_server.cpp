#include "net/shard_server.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

#include "weir/core/deadline.h"
#include "weir/core/sleep.h"

namespace weir::detail {
namespace {

constexpr Duration back_off_min = std::chrono::milliseconds(10);
constexpr Duration back_off_max = std::chrono::seconds(1);
/// Connections accepted or refused before others get their turn: a draining listener answers
/// without suspending, and meanwhile neither handlers nor the drain's deadline would run.
constexpr unsigned accepts_per_turn_max = 64;

/// Errors of accept that pass when somebody gives something back.
bool is_shortage(const std::error_code& error) noexcept {
  return error.category() == std::system_category() &&
         (error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOBUFS ||
          error.value() == ENOMEM);
}

Task<Result<void>> rethrow(std::exception_ptr exception) {
  std::rethrow_exception(std::move(exception));
  co_return Result<void>();
}

}  // namespace

ShardServer::ShardServer(int fd, bool is_tcp, Serve serve, const ServeOptions& options)
    : shard_(Shard::current()),
      listener_(new ListenerState(fd)),
      is_tcp_(is_tcp),
      serve_(std::move(serve)),
      options_(options) {
  shard_.observe_drain(*this);
}

ShardServer::~ShardServer() { WEIR_ASSERT(connection_count_ == 0 && listener_ == nullptr); }

Task<Result<ServeStats>> ShardServer::run() {
  const std::error_code ended_by = co_await accept_connections();
  std::exchange(listener_, nullptr)->close();
  // A cancellation that comes during a drain hurries it, however far accepting had got.
  const bool drained = ended_by == Error::shutting_down || draining_;
  if (ended_by != Error::shutting_down) drop_connections(ended_by);
  while (connection_count_ != 0) {
    all_ended_.reset();
    const Result<void> waited = co_await all_ended_.wait();
    if (!waited) {
      // The drain's time is up: drop what is left, then wait for it out of reach of cancellation.
      drop_connections(waited.error());
      if (connection_count_ != 0) (void)co_await shielded(all_ended_.wait());
    }
  }
  shard_.ignore_drain(*this);
  if (!drained) co_return std::unexpected(ended_by);
  co_return stats_;
}

/// \returns why it stopped: `Error::shutting_down` for a drain.
Task<std::error_code> ShardServer::accept_connections() {
  Duration delay = back_off_min;
  for (unsigned tries = 1;; ++tries) {
    if (tries % accepts_per_turn_max == 0) co_await yield();
    if (connection_count_ >= options_.connections_max && !draining_) {
      ++stats_.limit_pauses;
      listener_->pause();
      room_.reset();
      const Result<void> waited = co_await room_.wait();
      if (!waited) co_return waited.error();
      continue;
    }
    const Result<int> fd = co_await listener_->accept();
    if (fd) {
      delay = back_off_min;
      serve_connection(*fd);
      continue;
    }
    if (!is_shortage(fd.error())) co_return fd.error();
    ++stats_.accept_pauses;
    const bool refused = listener_->refuse_one();
    if (refused) ++stats_.refused_for_descriptors;
    if (draining_) {
      // Nothing new comes: those who wait in the backlog are refused, one after the other.
      if (!refused) co_return Error::shutting_down;
      continue;
    }
    room_.reset();
    const Result<void> waited = co_await with_timeout(delay, room_.wait());
    if (!waited && waited.error() != Error::deadline_exceeded) co_return waited.error();
    delay = std::min(delay * 2, back_off_max);
  }
}

void ShardServer::serve_connection(int fd) {
  StreamState& stream = *StreamState::adopt(fd, is_tcp_, options_.limits);
  stream.set_close_timeout(options_.close_timeout);
  ++stats_.accepted;
  auto peer = connections_by_ip_.end();
  if (!within_quota(stream, peer)) {
    ++stats_.refused_by_quota;
    stream.abort();
    stream.release();
    return;
  }
  auto* const connection = new ServedConnection(*this, stream, peer);
  connection->link_before(connections_);
  ++connection_count_;
  try {
    connection->start(serve_(&stream));
  } catch (...) {  // a handler that is no coroutine itself; its stream is closed already
    connection->start(rethrow(std::current_exception()));
  }
  if (draining_) connection->drain();
}

/// Counts the connection with its peer's address, unless that has as many as it may.
bool ShardServer::within_quota(const StreamState& stream, PeerCounts::iterator& peer) {
  if (options_.connections_per_ip_max == 0 || !is_tcp_) return true;
  const Result<Address> address = stream.peer_address();
  if (!address) return false;  // nobody can be held to it
  const auto at = connections_by_ip_.try_emplace(address->with_port(0)).first;
  if (at->second >= options_.connections_per_ip_max) return false;
  ++at->second;
  peer = at;
  return true;
}

void ShardServer::connection_ended(ServedConnection& connection) noexcept {
  const StreamStats stream = connection.stream().stats();
  ++stats_.ended;
  stats_.failed += connection.failed() ? 1 : 0;
  stats_.idle_cancelled += connection.idle_cancelled() ? 1 : 0;
  stats_.bytes_received += stream.bytes_received;
  stats_.bytes_sent += stream.bytes_sent;
  const auto peer = connection.peer();
  if (peer != connections_by_ip_.end() && --peer->second == 0) connections_by_ip_.erase(peer);
  connection.unlink();
  delete &connection;
  --connection_count_;
  if (!room_.is_set()) room_.set();
  if (connection_count_ == 0) all_ended_.set();
}

void ShardServer::drop_connections(std::error_code reason) noexcept {
  // Asked once more, it drops the same ones.
  stats_.dropped = std::max<std::uint64_t>(stats_.dropped, connection_count_);
  // Cancelling may end a connection at once and take it off the list.
  for (ListNode* at = connections_.next(); at != &connections_;) {
    auto& connection = static_cast<ServedConnection&>(*at);
    at = at->next();
    connection.cancel(reason);
  }
}

void ShardServer::on_drain() noexcept {
  draining_ = true;
  for (ListNode* at = connections_.next(); at != &connections_; at = at->next()) {
    static_cast<ServedConnection&>(*at).drain();
  }
  room_.set();
}

}  // namespace weir::detail
