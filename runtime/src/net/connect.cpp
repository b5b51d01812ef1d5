#include "weir/net/connect.h"

#include <sys/socket.h>

#include <cerrno>

#include "core/operation_wait.h"
#include "net/socket.h"
#include "net/stream_state.h"
#include "weir/core/deadline.h"

namespace weir {
namespace {

using detail::StreamState;

/// `state` outlives the task: `connect_state` holds it.
Task<Result<void>> connect_descriptor(StreamState* state, Address peer) {
  detail::OperationWait<reactor::ConnectOperation> wait(*state, peer);
  const Result<int> connected = co_await wait;
  if (!connected) co_return std::unexpected(connected.error());
  co_return Result<void>();
}

/// A connected stream with one reference, which the caller takes over.
Task<Result<StreamState*>> connect_state(const Address* local, Address peer,
                                         ConnectOptions options) {
  auto socket = detail::make_stream_socket(peer);
  if (!socket) co_return std::unexpected(socket.error());
  if (local != nullptr) {
    const Result<void> bound = detail::bind_source(socket->get(), *local);
    if (!bound) co_return std::unexpected(bound.error());
  }
  StreamState* const state = StreamState::adopt(socket->release(), peer.is_ip(), options.limits);
  Task<Result<void>> connecting = connect_descriptor(state, peer);
  const Result<void> connected = co_await with_timeout(options.timeout, std::move(connecting));
  if (!connected) {
    state->abort();
    state->release();
    co_return std::unexpected(connected.error());
  }
  co_return state;
}

}  // namespace

Task<Result<TcpStream>> connect(Address address, ConnectOptions options) {
  if (!address.is_ip()) co_return fail(Error::address_invalid);
  const Result<StreamState*> state = co_await connect_state(nullptr, address, options);
  if (!state) co_return std::unexpected(state.error());
  co_return TcpStream(*state);
}

Task<Result<TcpStream>> connect_from(Address local, Address address, ConnectOptions options) {
  if (!address.is_ip() || !local.is_ip()) co_return fail(Error::address_invalid);
  const Result<StreamState*> state = co_await connect_state(&local, address, options);
  if (!state) co_return std::unexpected(state.error());
  co_return TcpStream(*state);
}

Task<Result<UnixStream>> connect_unix(Address address, ConnectOptions options) {
  if (!address.is_unix()) co_return fail(Error::address_invalid);
  const Result<StreamState*> state = co_await connect_state(nullptr, address, options);
  if (!state) co_return std::unexpected(state.error());
  co_return UnixStream(*state);
}

Result<std::pair<UnixStream, UnixStream>> UnixStream::pair() noexcept {
  int fds[2];
  const int flags = SOCK_CLOEXEC | Shard::current().reactor().socket_flags();
  if (::socketpair(AF_UNIX, SOCK_STREAM | flags, 0, fds) != 0) return fail_errno(errno);
  return std::pair(UnixStream(StreamState::adopt(fds[0], false, {})),
                   UnixStream(StreamState::adopt(fds[1], false, {})));
}

}  // namespace weir
