#include "weir/net/udp_server.h"

#include <unistd.h>

#include <utility>
#include <vector>

#include "net/socket.h"
#include "net/udp_setup.h"
#include "weir/core/call.h"
#include "weir/core/runtime.h"
#include "weir/core/when_all.h"

namespace weir {
namespace {

void close_all(std::vector<int>& sockets) noexcept {
  for (int& fd : sockets) {
    if (fd >= 0) ::close(std::exchange(fd, -1));
  }
  sockets.clear();
}

}  // namespace

UdpServer::UdpServer(UdpServer&& other) noexcept
    : sockets_(std::exchange(other.sockets_, {})),
      options_(other.options_),
      address_(other.address_) {}

UdpServer& UdpServer::operator=(UdpServer&& other) noexcept {
  if (this != &other) {
    close_all(sockets_);
    sockets_ = std::exchange(other.sockets_, {});
    options_ = other.options_;
    address_ = other.address_;
  }
  return *this;
}

UdpServer::~UdpServer() { close_all(sockets_); }

Result<UdpServer> UdpServer::bind(const Address& local, const UdpOptions& options,
                                  const Steering& steering) {
  if (const auto valid = detail::validate(steering); !valid) {
    return std::unexpected(valid.error());
  }
  const unsigned shards = Shard::current().runtime().shard_count();
  UdpServer server;
  server.options_ = options;
  if (shards > 1) server.options_.reuse_port = Switch::on;
  server.address_ = local;
  for (unsigned i = 0; i < shards; ++i) {
    auto socket = detail::make_udp_socket(server.address_, {}, server.options_);
    if (!socket) return std::unexpected(socket.error());
    const auto bound = detail::local_address_of(socket->get());
    if (!bound) return std::unexpected(bound.error());
    server.address_ = *bound;
    server.sockets_.push_back(socket->release());
  }
  if (steering.by != Steering::By::flow && shards > 1) {
    const auto steered = detail::attach_steering(server.sockets_.front(), steering, shards);
    if (!steered) return std::unexpected(steered.error());
  }
  return server;
}

namespace {

/// What one shard is asked to do.
struct UdpServeTask {
  detail::SocketGuard fd;
  UdpOptions options;
  UdpServer::Service service;
};

/// On the shard that the socket is for.
Task<Result<void>> serve_socket_here(UdpServeTask* task) {
  UdpSocket socket = UdpSocket::adopt(task->fd.release(), {}, task->options);
  co_return co_await task->service(std::move(socket));
}

Task<Result<void>> serve_socket_on(Shard* shard, UdpServeTask task) {
  auto remote = [&task] { return serve_socket_here(&task); };
  co_return co_await call(*shard, remote);
}

}  // namespace

Task<Result<void>> UdpServer::serve(Service service) {
  if (sockets_.empty()) co_return fail(Error::closed);
  std::vector<Task<Result<void>>> tasks;
  for (unsigned id = 0; id < sockets_.size(); ++id) {
    UdpServeTask task{
        .fd = detail::SocketGuard(sockets_[id]), .options = options_, .service = service};
    tasks.push_back(serve_socket_on(&Runtime::current().shard(id), std::move(task)));
  }
  sockets_.clear();
  const std::vector<Result<void>> results = co_await when_all(std::move(tasks));
  for (const Result<void>& result : results) {
    if (!result) co_return result;
  }
  co_return Result<void>();
}

}  // namespace weir
