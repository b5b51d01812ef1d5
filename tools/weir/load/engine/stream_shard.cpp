#include "tools/weir/load/engine/stream_shard.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "tools/weir/load/engine/make_schedule.h"
#include "tools/weir/load/engine/open_stream.h"
#include "tools/weir/load/report/report.h"
#include "weir/base/assert.h"
#include "weir/core/sleep.h"

namespace weir::tools::load {
namespace {

/// How often requests are looked through for those that have waited too long: an age is known that
/// exactly.
constexpr std::int64_t ticks_per_timeout = 50;
constexpr Duration tick_min = std::chrono::milliseconds(1);
constexpr Duration tick_max = std::chrono::milliseconds(50);

/// How long a wait of the warm-up may be before it looks whether the warm-up is over.
constexpr Duration warm_up_slice = std::chrono::milliseconds(10);
/// A turn is shared with what comes back: no more than this is sent in a row, however late we are.
constexpr unsigned offers_per_turn = 64;

std::uint64_t share_of(std::uint64_t total, const ShardPlace& place) noexcept {
  return total / place.count + (place.id < total % place.count ? 1 : 0);
}

SchedulePart part_of(const ShardPlace& place) noexcept {
  return {.part = place.id, .parts = place.count};
}

DispatcherOptions dispatching(const Options& options) noexcept {
  return {.queue_max = options.when_behind == WhenBehind::drop ? 0 : options.queue_max,
          .timeout = options.timeout};
}

}  // namespace

StreamShard::StreamShard(const Options& options, const ShardPlace& place)
    : options_(options),
      place_(place),
      dispatcher_(dispatching(options), tally_),
      pacer_(options.pace),
      gate_(options.churn.connects_per_second.value_or(0) / place.count) {
  if (options.requests_max && !options.open) numbers_max_ = share_of(*options.requests_max, place);
}

StreamShard::~StreamShard() = default;

std::optional<std::uint64_t> StreamShard::take_number() noexcept {
  // What warms up is not of the number that was asked for.
  if (tally_.is_measuring && numbers_taken_ >= numbers_max_) return std::nullopt;
  if (tally_.is_measuring) ++numbers_taken_;
  return next_number_++ * place_.count + place_.id;
}

Task<void> StreamShard::connect_all() {
  if (options_.pace != Pace::spin) Pacer::sharpen_timers();
  connections_.reserve(place_.connections);
  for (std::uint32_t index = 0; index < place_.connections; ++index) {
    connections_.push_back(
        std::make_unique<StreamConnection>(place_.first_connection + index, *this));
    running_.spawn(connections_.back()->run());
  }
  for (const auto& connection : connections_) {
    co_await connection->tried();
    if (connection->is_connected()) ++established_;
  }
  idle_ =
      std::make_unique<IdleConnections>(place_.idle_connections, place_.first_connection, *this);
  co_await idle_->open_all();
}

void StreamShard::begin_measuring(TimePoint time) {
  measure_from_ = tally_.measure_from = time;
  tally_.is_measuring = true;
  measuring_.set();
}

/// Until the measured time begins. False: stopped.
Task<bool> StreamShard::offer_warm_up() {
  Schedule schedule = make_warm_up_schedule(options_, part_of(place_));
  const TimePoint begin = Clock::now();
  while (const auto due = schedule.next()) {
    const TimePoint time = begin + due->time;
    for (TimePoint now = Clock::now(); now < time; now = Clock::now()) {
      if (now >= measure_from_) co_return true;
      const TimePoint next_look = std::min(now + warm_up_slice, measure_from_);
      const Result<void> waited = co_await pacer_.wait_until(std::min(time, next_look));
      if (!waited) co_return false;
    }
    if (time >= measure_from_) co_return true;
    dispatcher_.offer({.due = time, .number = due->number});
  }
  co_return true;
}

/// The schedule's requests, each when it is due; the late ones at once, as many as a turn bears.
Task<void> StreamShard::offer_schedule() {
  auto schedule = make_schedule(options_, part_of(place_));
  if (!schedule) {
    tally_.add_error(ErrorKind::trace, schedule.error().message);
    co_return;
  }
  unsigned offered = 0;
  std::optional<Due> due;
  while (!tally_.is_stopping && (due = schedule->next())) {
    const TimePoint time = measure_from_ + due->time;
    if (Clock::now() < time) {
      offered = 0;
      const Result<void> waited = co_await pacer_.wait_until(time);
      if (!waited) break;
    } else if (++offered >= offers_per_turn) {
      offered = 0;
      co_await yield();
    }
    gaps_.add_event(due->time);
    dispatcher_.offer(measured_request(*due));
    due.reset();
  }
  count_never_offered(*schedule, due);
  if (schedule->error()) tally_.add_error(ErrorKind::trace, schedule->error()->message);
}

/// \param due  taken from the schedule, and not offered either
void StreamShard::count_never_offered(Schedule& schedule, std::optional<Due> due) {
  // Of an interrupted run nobody knows how it would have gone on.
  if (reason_ == Error::cancelled) return;
  const TimePoint now = Clock::now();
  for (; due || (due = schedule.next()); due.reset()) {
    tally_.never_offered(measured_request(*due), now);
  }
}

TimedRequest StreamShard::measured_request(const Due& due) const noexcept {
  return {.due = measure_from_ + due.time,
          .number = due.number,
          .payload_bytes = due.payload_bytes,
          .is_measured = true};
}

Task<void> StreamShard::offer_all(StreamShard* self) {
  const bool warm = co_await self->offer_warm_up();
  if (warm) co_await self->offer_schedule();
  self->offering_over_ = true;
  self->note_decided();
}

Task<void> StreamShard::tick(StreamShard* self) {
  const Duration pause =
      std::clamp<Duration>(self->options_.timeout / ticks_per_timeout, tick_min, tick_max);
  while (true) {
    const Result<void> slept = co_await sleep_for(pause);
    if (!slept) co_return;
    const TimePoint now = Clock::now();
    self->dispatcher_.expire(now);
    for (const auto& connection : self->connections_) connection->tick(now);
    self->note_decided();
  }
}

Task<void> StreamShard::give_up(StreamShard* self) {
  const Result<void> stopped = co_await self->stopped_.wait();
  if (!stopped) co_return;
  const Result<void> waited = co_await sleep_for(self->patience_);
  if (!waited) co_return;
  self->tally_.is_stopping = true;
  self->running_.cancel(self->reason_);
}

/// Ends the connections once nothing is left to send and to wait for.
void StreamShard::note_decided() noexcept {
  const bool is_all_offered =
      has_schedule() ? offering_over_ : tally_.is_measuring && numbers_taken_ >= numbers_max_;
  if (!tally_.is_stopping && (!is_all_offered || dispatcher_.queued() > 0)) return;
  if (tally_.in_flight > 0) return;
  tally_.is_stopping = true;
  running_.cancel(Error::cancelled);
}

Task<void> StreamShard::run() {
  Scope around;
  around.spawn(give_up(this));
  around.spawn(tick(this));
  if (has_schedule()) offering_.spawn(offer_all(this));
  (void)co_await running_.join();
  offering_.cancel();
  (void)co_await offering_.join();
  around.cancel();
  (void)co_await around.join();
  tasks_.cancel();
  (void)co_await tasks_.join();
  dispatcher_.abandon(Clock::now());
  co_await idle_->close_all();
}

void StreamShard::stop(Duration patience, Error reason) noexcept {
  if (stopped_.is_set()) return;
  patience_ = patience;
  reason_ = reason;
  // What a schedule had is still sent, late as it is, as long as the patience lasts: leaving it
  // out would flatter the server that made it late.
  if (!has_schedule() || reason == Error::cancelled) tally_.is_stopping = true;
  stopped_.set();
  note_decided();
}

void StreamShard::swap_interval(Phase phase, std::unique_ptr<Interval>& spare) noexcept {
  phase == Phase::measured ? tally_.swap_measured(spare) : tally_.swap_warm_up(spare);
}

PartState StreamShard::state() const noexcept {
  return {.in_flight = tally_.in_flight, .queued = dispatcher_.queued(), .polled = pacer_.polled()};
}

void StreamShard::add_to(LoadReport& report) const {
  report.errors.merge(tally_.errors);
  idle_->add_to(report.connections);
}

}  // namespace weir::tools::load
