#include "tools/weir/load/engine/idle_connections.h"

#include "tools/weir/load/engine/open_stream.h"
#include "tools/weir/load/engine/stream_shard.h"

namespace weir::tools::load {

Task<void> IdleConnections::open_all() {
  // `undecided_` is what the last of them to be tried wakes us by.
  undecided_ = count_;
  for (std::uint32_t index = 0; index < count_; ++index) {
    held_.spawn(hold(this, first_number_ + index));
  }
  if (count_ > 0) (void)co_await all_tried_.wait();
}

Task<void> IdleConnections::close_all() {
  closing_ = true;
  held_.cancel();
  (void)co_await held_.join();
}

Task<void> IdleConnections::hold(IdleConnections* self, std::uint32_t number) {
  ConnectGate& gate = self->shard_.gate();
  const Options& options = self->shard_.options();
  const Result<void> entered = co_await gate.enter();
  Result<Stream> stream = std::unexpected(entered ? std::error_code() : entered.error());
  if (entered) {
    stream = co_await open_stream(options, number);
    gate.leave();
  }
  if (stream) {
    ++self->established_;
  } else if (stream.error() != Error::cancelled) {
    self->shard_.tally().add_error(
        ErrorKind::connect, explain_connect_error(target_of(options, number), stream.error()), 1,
        stream.error());
  }
  if (--self->undecided_ == 0) self->all_tried_.set();
  while (stream) {
    const Result<Chain> bytes = co_await stream->read();
    if (bytes && !bytes->empty()) continue;
    if (!self->closing_) ++self->broken_;
    break;
  }
}

void IdleConnections::add_to(ConnectionCounts& counts) const noexcept {
  counts.idle_requested += count_;
  counts.idle_established += established_;
  counts.idle_broken += broken_;
}

}  // namespace weir::tools::load
