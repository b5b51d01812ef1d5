#include "tools/weir/load/engine/load_shard.h"

#include <utility>

#include <fmt/format.h>

#include "tools/weir/load/report/report.h"
#include "weir/core/sleep.h"
#include "weir/net/connect.h"

namespace weir::tools::load {
namespace {

/// Connects under way at a time: well below any backlog.
constexpr std::size_t connects_max = 64;

/// Connects to a Unix path or an IP address: both are streams.
Task<Result<Stream>> open_stream(Address address, ConnectOptions options) {
  if (address.is_unix()) {
    Result<UnixStream> stream = co_await connect_unix(address, options);
    if (!stream) co_return std::unexpected(stream.error());
    co_return Stream(std::move(*stream));
  }
  Result<TcpStream> stream = co_await connect(address, options);
  if (!stream) co_return std::unexpected(stream.error());
  co_return Stream(std::move(*stream));
}

std::string explain_connect_error(const Target& target, const std::error_code& error) {
  std::string text = fmt::format("cannot connect to {}: {}", target.text, error.message());
  if (error == std::errc::connection_refused) {
    text += "; is the server running? `weir serve echo` starts one";
  } else if (error == std::errc::too_many_files_open) {
    text += "; `ulimit -n` is too low for so many connections";
  } else if (error == std::errc::address_not_available) {
    text += "; no local port is free: wait for TIME_WAIT to pass, or use fewer connections";
  }
  return text;
}

}  // namespace

LoadShard::LoadShard(const Options& options, std::uint32_t first_connection,
                     std::uint32_t connections)
    : options_(options), first_connection_(first_connection), connection_count_(connections) {}

Task<void> LoadShard::connect_one(LoadShard* self, std::uint32_t number, Semaphore* slots) {
  const Result<void> slot = co_await slots->acquire();
  if (!slot) co_return;
  const ConnectOptions options{.timeout = self->options_.timeout};
  Result<Stream> stream = co_await open_stream(self->options_.target.address, options);
  slots->release();
  if (!stream) {
    if (stream.error() == Error::cancelled) co_return;
    self->tally_.add_error(ErrorKind::connect,
                           explain_connect_error(self->options_.target, stream.error()));
    co_return;
  }
  ++self->established_;
  self->connections_.push_back(
      std::make_unique<Connection>(number, std::move(*stream), self->options_, self->tally_));
}

Task<void> LoadShard::connect_all() {
  Semaphore slots(connects_max);
  Scope connecting;
  for (std::uint32_t index = 0; index < connection_count_; ++index) {
    connecting.spawn(connect_one(this, first_connection_ + index, &slots));
  }
  (void)co_await connecting.join();
}

Task<void> LoadShard::give_up(LoadShard* self) {
  const Result<void> stopped = co_await self->stopped_.wait();
  if (!stopped) co_return;
  const Result<void> waited = co_await sleep_for(self->patience_);
  if (waited) self->running_.cancel(self->reason_);
}

Task<void> LoadShard::run() {
  Scope giving_up;
  giving_up.spawn(give_up(this));
  for (const auto& connection : connections_) running_.spawn(connection->run());
  (void)co_await running_.join();
  giving_up.cancel();
  (void)co_await giving_up.join();
  connections_.clear();
}

void LoadShard::stop(Duration patience, Error reason) noexcept {
  if (stopped_.is_set()) return;
  tally_.stopping = true;
  patience_ = patience;
  reason_ = reason;
  stopped_.set();
}

Interval LoadShard::take_interval() { return std::exchange(tally_.interval, Interval()); }

void LoadShard::add_to(LoadReport& report) const { report.errors.merge(tally_.errors); }

}  // namespace weir::tools::load
