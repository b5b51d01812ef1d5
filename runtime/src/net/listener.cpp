#include "weir/net/listener.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>

#include "net/listener_state.h"
#include "net/shard_server.h"
#include "net/socket.h"
#include "weir/core/call.h"
#include "weir/core/runtime.h"
#include "weir/core/when_all.h"

namespace weir {

using detail::StreamState;

ServeStats& ServeStats::operator+=(const ServeStats& other) noexcept {
  accepted += other.accepted;
  ended += other.ended;
  failed += other.failed;
  dropped += other.dropped;
  idle_cancelled += other.idle_cancelled;
  refused_by_quota += other.refused_by_quota;
  refused_for_descriptors += other.refused_for_descriptors;
  accept_pauses += other.accept_pauses;
  limit_pauses += other.limit_pauses;
  bytes_received += other.bytes_received;
  bytes_sent += other.bytes_sent;
  return *this;
}

Listener::Listener() noexcept = default;

Listener::Listener(Listener&& other) noexcept
    : sockets_(std::exchange(other.sockets_, {})),
      address_(other.address_),
      local_(std::exchange(other.local_, nullptr)),
      path_(std::exchange(other.path_, {})) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  if (this != &other) {
    Listener old(std::move(*this));
    sockets_ = std::exchange(other.sockets_, {});
    address_ = other.address_;
    local_ = std::exchange(other.local_, nullptr);
    path_ = std::exchange(other.path_, {});
  }
  return *this;
}

Listener::~Listener() { close(); }

void Listener::close() noexcept {
  for (int& fd : sockets_) {
    if (fd >= 0) ::close(std::exchange(fd, -1));
  }
  if (local_ != nullptr) std::exchange(local_, nullptr)->close();
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

Result<void> Listener::open(const Address& address, const ListenOptions& options) {
  const Runtime& runtime = Runtime::current();
  const bool everywhere = options.shards == ListenOn::every_shard;
  const bool shared = everywhere && runtime.shard_count() > 1;
  const unsigned self = Shard::current().id();
  if (detail::is_stale_socket(address)) ::unlink(std::string(address.unix_path()).c_str());
  auto first = detail::make_listening_socket(address, options, shared && address.is_ip());
  if (!first) return std::unexpected(first.error());
  const Result<Address> bound = detail::local_address_of(first->get());
  if (!bound) return std::unexpected(bound.error());
  address_ = *bound;
  path_ = address.is_unix() ? std::string(address.unix_path()) : std::string();
  sockets_.assign(runtime.shard_count(), -1);
  const int first_fd = sockets_[self] = first->release();
  for (unsigned id = 0; everywhere && id < sockets_.size(); ++id) {
    if (id == self) continue;
    if (address.is_unix()) {
      sockets_[id] = ::fcntl(first_fd, F_DUPFD_CLOEXEC, 0);
      if (sockets_[id] < 0) return fail_errno(errno);
      continue;
    }
    auto next = detail::make_listening_socket(address_, options, shared);
    if (!next) return std::unexpected(next.error());
    sockets_[id] = next->release();
  }
  return {};
}

Task<Result<StreamState*>> Listener::accept_state(StreamLimits limits) {
  const unsigned self = Shard::current().id();
  if (local_ == nullptr) {
    if (self >= sockets_.size() || sockets_[self] < 0) co_return fail(Error::closed);
    local_ = new detail::ListenerState(std::exchange(sockets_[self], -1));
  }
  const Result<int> fd = co_await local_->accept();
  if (!fd) co_return std::unexpected(fd.error());
  co_return StreamState::adopt(*fd, address_.is_ip(), limits);
}

namespace {

struct ServeTask {
  int fd;
  bool is_tcp;
  std::function<Task<Result<void>>(StreamState*)> serve;
  ServeOptions options;
};

/// On the shard that serves.
Task<Result<ServeStats>> serve_here(ServeTask* task) {
  detail::ShardServer server(task->fd, task->is_tcp, std::move(task->serve), task->options);
  co_return co_await server.run();
}

Task<Result<ServeStats>> serve_on(Shard* shard, ServeTask task) {
  auto remote = [&task] { return serve_here(&task); };
  co_return co_await call(*shard, remote);
}

}  // namespace

Task<Result<ServeStats>> Listener::serve_states(Serve serve, ServeOptions options) {
  std::vector<Task<Result<ServeStats>>> tasks;
  for (unsigned id = 0; id < sockets_.size(); ++id) {
    if (sockets_[id] < 0) continue;
    const int fd = std::exchange(sockets_[id], -1);
    ServeTask task{.fd = fd, .is_tcp = address_.is_ip(), .serve = serve, .options = options};
    tasks.push_back(serve_on(&Runtime::current().shard(id), std::move(task)));
  }
  if (tasks.empty()) co_return fail(Error::closed);
  const std::vector<Result<ServeStats>> results = co_await when_all(std::move(tasks));
  close();
  ServeStats all;
  for (const Result<ServeStats>& result : results) {
    if (!result) co_return std::unexpected(result.error());
    all += *result;
  }
  co_return all;
}

Result<TcpListener> TcpListener::bind(const Address& address, ListenOptions options) {
  if (!address.is_ip()) return fail(Error::address_invalid);
  TcpListener listener;
  const Result<void> opened = listener.open(address, options);
  if (!opened) return std::unexpected(opened.error());
  return listener;
}

Task<Result<TcpStream>> TcpListener::accept(StreamLimits limits) {
  const Result<StreamState*> state = co_await accept_state(limits);
  if (!state) co_return std::unexpected(state.error());
  co_return TcpStream(*state);
}

Result<UnixListener> UnixListener::bind(const Address& address, ListenOptions options) {
  if (!address.is_unix()) return fail(Error::address_invalid);
  UnixListener listener;
  const Result<void> opened = listener.open(address, options);
  if (!opened) return std::unexpected(opened.error());
  return listener;
}

Task<Result<UnixStream>> UnixListener::accept(StreamLimits limits) {
  const Result<StreamState*> state = co_await accept_state(limits);
  if (!state) co_return std::unexpected(state.error());
  co_return UnixStream(*state);
}

}  // namespace weir
