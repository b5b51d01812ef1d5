#include "tools/weir/load/engine/stream_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/load/engine/open_stream.h"
#include "tools/weir/load/engine/stream_shard.h"
#include "weir/base/assert.h"
#include "weir/core/sleep.h"

namespace weir::tools::load {
namespace {

// A server that is being restarted is found again soon, one that is gone is not beaten up.
constexpr Duration pause_min = std::chrono::milliseconds(10);
constexpr Duration pause_max = std::chrono::seconds(1);

/// One-way load queues this much in the stream, then waits until the kernel has taken most of it.
constexpr std::size_t one_way_bytes_max = std::size_t{256} << 10;

/// More than any codec puts around a payload.
constexpr std::size_t frame_overhead_max = 128;

}  // namespace

StreamConnection::StreamConnection(std::uint32_t number, StreamShard& shard)
    : number_(number),
      shard_(shard),
      dialogue_(make_dialogue(shard.options().message, number, shard.options().seed)) {}

bool StreamConnection::is_over() const noexcept { return shard_.tally().is_stopping; }

bool StreamConnection::has_room() const noexcept {
  return stream_.valid() && !retiring_ && !blocked_ && left_ > 0 && !is_over() &&
         in_flight_.size() + thinking_ < shard_.options().depth;
}

Task<void> StreamConnection::tried() { (void)co_await tried_.wait(); }

Task<void> StreamConnection::run() {
  while (!is_over()) {
    if (pause_ > Duration()) {
      const Result<void> slept = co_await sleep_for(pause_);
      if (!slept) break;
    }
    const Opened opened = co_await open();
    tried_.set();
    if (opened == Opened::cancelled) break;
    if (opened == Opened::yes) {
      co_await converse();
      shard_.dispatcher().remove(*this);
      (void)co_await stream_.close();
      stream_ = Stream();
      shard_.note_decided();
    }
  }
  tried_.set();
}

/// `no`, and counted, if there is no connection; then the next attempt comes after a pause.
Task<StreamConnection::Opened> StreamConnection::open() {
  const Options& options = shard_.options();
  const Result<void> entered = co_await shard_.gate().enter();
  if (!entered) co_return Opened::cancelled;
  const TimePoint began = Clock::now();
  Result<Stream> stream = co_await open_stream(options, number_);
  shard_.gate().leave();
  if (!stream) {
    if (stream.error() == Error::cancelled) co_return Opened::cancelled;
    pause_ = std::clamp<Duration>(2 * pause_, pause_min, pause_max);
    shard_.tally().add_error(ErrorKind::connect,
                             explain_connect_error(target_of(options, number_), stream.error()), 1,
                             stream.error());
    co_return Opened::no;
  }
  connected_at_ = Clock::now();
  Interval& interval = shard_.tally().now();
  interval.latency.connect.record(static_cast<std::uint64_t>((connected_at_ - began).count()));
  ++interval.connections.opened;
  stream_ = std::move(*stream);
  // `depth` requests must fit: the loop itself bounds what is queued.
  StreamLimits limits = stream_.limits();
  limits.high_water_bytes =
      std::max(limits.high_water_bytes,
               (options.message_bytes + frame_overhead_max) * options.depth + one_way_bytes_max);
  if (!dialogue_->expects_answers()) limits.low_water_bytes = one_way_bytes_max / 4;
  stream_.set_limits(limits);
  left_ = options.churn.requests_per_connection.value_or(UINT64_MAX);
  retiring_ = answered_any_ = blocked_ = false;
  was_connected_ = true;
  thinking_ = 0;
  ++epoch_;
  dialogue_->restart();
  co_return Opened::yes;
}

/// Until the connection has ended, whoever ended it.
Task<void> StreamConnection::converse() {
  offer_room();
  while (true) {
    if ((retiring_ || left_ == 0 || is_over()) && in_flight_.empty()) {
      if (!is_over()) ++shard_.tally().now().connections.retired;
      co_return;
    }
    const Result<Chain> bytes = co_await stream_.read();
    if (!bytes) co_return note_end(bytes.error());
    if (bytes->empty()) co_return note_end(Error::end_of_stream);
    renew_quickack();
    shard_.tally().now().requests.received_bytes += bytes->size();
    const auto answers = dialogue_->take(*bytes);
    if (!answers) {
      shard_.tally().add_error(ErrorKind::mismatch, answers.error());
      fail_all();
      stream_.abort();
      ++shard_.tally().now().connections.broken;
      co_return;
    }
    if (*answers > 0) settle(*answers);
  }
}

/// The dialogue vouches that there are no more answers than requests.
void StreamConnection::settle(std::uint64_t answers) {
  const TimePoint now = Clock::now();
  answered_any_ = true;
  pause_ = Duration();
  WEIR_ASSERT(answers <= in_flight_.size());
  for (std::uint64_t left = answers; left > 0; --left) {
    const TimedRequest request = in_flight_.front();
    in_flight_.pop_front();
    shard_.tally().answered(request, now, shard_.has_schedule());
  }
  shard_.note_decided();
  if (shard_.options().think_time > Duration()) {
    thinking_ += answers;
    return shard_.tasks().spawn(think(this, answers));
  }
  offer_room();
}

Task<void> StreamConnection::think(StreamConnection* self, std::uint64_t answers) {
  const std::uint64_t epoch = self->epoch_;
  const Result<void> slept = co_await sleep_for(self->shard_.options().think_time);
  if (!slept || epoch != self->epoch_) co_return;
  self->thinking_ -= answers;
  self->offer_room();
}

/// Whoever decides when requests are sent hears that one can be.
void StreamConnection::offer_room() {
  if (shard_.has_schedule()) return shard_.dispatcher().add_room(*this);
  while (has_room()) {
    const TimePoint now = Clock::now();
    const auto number = shard_.take_number(now);
    if (!number) return;
    TimedRequest request{.due = now, .free = now, .number = *number};
    request.is_measured = shard_.is_measured(now);
    ++shard_.tally().of(request).requests.offered;
    send(request);
  }
}

void StreamConnection::send(const TimedRequest& timed) {
  TimedRequest request = timed;
  const RequestFacts facts{
      .number = request.number, .due = request.due, .payload_bytes = request.payload_bytes};
  Chain bytes;
  const std::size_t size = dialogue_->append_request(facts, bytes);
  request.sent = Clock::now();
  --left_;
  shard_.tally().sent(request, size);
  const bool is_taken = write(std::move(bytes));
  if (dialogue_->expects_answers()) return in_flight_.push_back(request);
  // Nobody will answer: it is done when it has been handed over. Nor does anything come that would
  // show that it was the connection's last.
  if (is_taken) {
    shard_.tally().answered(request, request.sent, shard_.has_schedule());
  } else {
    shard_.tally().failed(request);
  }
  if (left_ == 0) retiring_ = true;
}

/// Whether the stream took it. An error of the socket fails the read as well, which tells it.
bool StreamConnection::write(Chain bytes) {
  const WritePattern pattern = shard_.options().pattern;
  const std::size_t cut = pattern == WritePattern::whole ? 0 : dialogue_->cut_of_request();
  if (cut > 0) {
    blocked_ = true;
    Chain first = bytes.split(cut);
    shard_.tasks().spawn(write_in_two(this, std::move(first), std::move(bytes)));
    return true;
  }
  const Result<void> queued = stream_.queue(std::move(bytes));
  WEIR_ASSERT(queued || queued.error() != Error::out_queue_full);
  if (dialogue_->expects_answers() || stream_.queued_bytes() < one_way_bytes_max) {
    return queued.has_value();
  }
  blocked_ = true;
  shard_.tasks().spawn(await_drained(this));
  return queued.has_value();
}

/// Each part a system call of its own.
Task<void> StreamConnection::write_in_two(StreamConnection* self, Chain first, Chain second) {
  const std::uint64_t epoch = self->epoch_;
  const WriteResult written = co_await self->stream_.write(std::move(first));
  if (written && epoch == self->epoch_) {
    (void)co_await self->stream_.write(std::move(second));
  }
  self->unblock(epoch);
}

Task<void> StreamConnection::await_drained(StreamConnection* self) {
  const std::uint64_t epoch = self->epoch_;
  (void)co_await self->stream_.drained();
  self->unblock(epoch);
}

void StreamConnection::unblock(std::uint64_t epoch) {
  if (epoch != epoch_) return;
  blocked_ = false;
  offer_room();
}

/// \param error  of the read; `end_of_stream` if the server ended it in good order
void StreamConnection::note_end(const std::error_code& error) {
  Tally& tally = shard_.tally();
  if (error == Error::cancelled || error == Error::deadline_exceeded) {
    return give_up_all(Clock::now(), error == Error::deadline_exceeded);
  }
  if (error == Error::closed) {  // by ourselves: too old, or a timeout, which has been counted
    if (retiring_ && !is_over()) ++tally.now().connections.retired;
    return fail_all();
  }
  ++tally.now().connections.broken;
  // Without an answer since it was connected the next attempt would likely end the same way.
  if (!answered_any_) pause_ = std::clamp<Duration>(2 * pause_, pause_min, pause_max);
  const std::uint64_t missing = in_flight_.size();
  if (error == Error::end_of_stream) {
    if (missing > 0) {
      tally.add_error(ErrorKind::closed,
                      fmt::format("connection {}: the server ended it with {} request{} unanswered",
                                  number_, missing, missing == 1 ? "" : "s"),
                      missing);
    }
  } else {
    tally.add_error(ErrorKind::reset, fmt::format("connection {}: {}", number_, error.message()),
                    std::max<std::uint64_t>(missing, 1));
  }
  fail_all();
}

void StreamConnection::fail_all() {
  for (const TimedRequest& request : in_flight_) shard_.tally().failed(request);
  in_flight_.clear();
}

void StreamConnection::give_up_all(TimePoint now, bool is_timeout) {
  if (in_flight_.empty()) return;
  if (is_timeout) {
    shard_.tally().add_error(ErrorKind::timeout,
                             fmt::format("connection {}: {} request{} unanswered", number_,
                                         in_flight_.size(), in_flight_.size() == 1 ? "" : "s"),
                             in_flight_.size());
  }
  for (const TimedRequest& request : in_flight_) {
    shard_.tally().gave_up(request, now, shard_.has_schedule(), is_timeout);
  }
  in_flight_.clear();
}

void StreamConnection::tick(TimePoint now) {
  if (!stream_.valid()) return;
  const Options& options = shard_.options();
  if (!in_flight_.empty() && now - in_flight_.front().due >= options.timeout) {
    give_up_all(now, /*is_timeout=*/true);
    ++shard_.tally().now().connections.broken;
    shard_.dispatcher().remove(*this);
    retiring_ = false;
    return stream_.abort();
  }
  if (options.churn.lifetime && now - connected_at_ >= *options.churn.lifetime) retiring_ = true;
  if (retiring_) retire_if_idle();
}

void StreamConnection::retire_if_idle() noexcept {
  shard_.dispatcher().remove(*this);
  if (in_flight_.empty() && !blocked_) stream_ = Stream();
}

void StreamConnection::renew_quickack() noexcept {
  // The kernel leaves the mode by itself (tcp(7)), so it is asked for again after each read.
  if (!shard_.options().sockets.quickack.value_or(false)) return;
  const int on = 1;
  (void)::setsockopt(stream_.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

}  // namespace weir::tools::load
