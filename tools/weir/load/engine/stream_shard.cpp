#include "tools/weir/load/engine/stream_shard.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tools/weir/common/timer_slack.h"
#include "tools/weir/load/engine/make_schedule.h"
#include "tools/weir/load/report/report.h"
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
/// No more than this is sent in a row, however late we are.
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

std::optional<std::uint64_t> StreamShard::take_number(TimePoint now) noexcept {
  // What warms up is not of the number that was asked for.
  const bool counts = is_measured(now);
  if (counts && numbers_taken_ >= numbers_max_) return std::nullopt;
  if (counts) ++numbers_taken_;
  return next_number_++ * place_.count + place_.id;
}

Task<void> StreamShard::connect_all() {
  if (options_.pace != Pace::spin) ask_for_exact_timers();
  connections_.reserve(place_.connections);
  for (std::uint32_t index = 0; index < place_.connections; ++index) {
    connections_.push_back(
        std::make_unique<StreamConnection>(place_.first_connection + index, *this));
    running_.spawn(connections_.back()->run());
  }
  for (const auto& connection : connections_) {
    co_await connection->tried();
    if (connection->was_connected()) ++established_;
  }
  idle_ =
      std::make_unique<IdleConnections>(place_.idle_connections, place_.first_connection, *this);
  if (!tally_.is_stopping) co_await idle_->open_all();
}

void StreamShard::begin_measuring(TimePoint time) {
  measure_from_ = tally_.measure_from = time;
  tally_.is_measuring = true;
}

/// Who is late sends at once; but a turn is shared with what comes back.
Task<Result<void>> StreamShard::wait_for_turn(TimePoint due) {
  if (Clock::now() < due) {
    offered_in_turn_ = 0;
    co_return co_await pacer_.wait_until(due);
  }
  if (++offered_in_turn_ >= offers_per_turn) {
    offered_in_turn_ = 0;
    co_await yield();
  }
  co_return Result<void>();
}

/// Until the measured time begins. False: stopped.
Task<bool> StreamShard::offer_warm_up() {
  Schedule schedule = make_warm_up_schedule(options_, part_of(place_));
  const TimePoint begin = Clock::now();
  std::optional<Due> due = schedule.next();
  while (due && !tally_.is_stopping) {
    const TimePoint now = Clock::now();
    const TimePoint time = begin + due->time;
    if (std::max(now, time) >= measure_from_) co_return true;
    const TimePoint next_look = std::min(now + warm_up_slice, measure_from_);
    const Result<void> waited = co_await wait_for_turn(std::min(time, next_look));
    if (!waited) co_return false;
    if (Clock::now() < time) continue;
    dispatcher_.offer({.due = time, .number = due->number});
    due = schedule.next();
  }
  co_return !tally_.is_stopping;
}

/// The schedule's requests, each when it is due.
Task<void> StreamShard::offer_schedule() {
  auto schedule = make_schedule(options_, part_of(place_));
  if (!schedule) {
    tally_.add_error(ErrorKind::trace, schedule.error().message);
    co_return;
  }
  std::optional<Due> due = schedule->next();
  while (due && !tally_.is_stopping) {
    const Result<void> waited = co_await wait_for_turn(measure_from_ + due->time);
    if (!waited) break;
    if (tally_.is_stopping) break;
    gaps_.add_event(due->time);
    dispatcher_.offer(measured_request(*due));
    due = schedule->next();
  }
  count_unoffered(*schedule, due);
  // A schedule of a second ends a little before the second does, but takes it.
  if (!options_.requests_max && !tally_.is_stopping) {
    (void)co_await sleep_until(measure_from_ + options_.duration);
  }
  if (schedule->error()) tally_.add_error(ErrorKind::trace, schedule->error()->message);
}

/// What was due by now and not offered. \param due  the first that may be
void StreamShard::count_unoffered(Schedule& schedule, std::optional<Due> due) {
  const TimePoint now = Clock::now();
  std::uint64_t counted = 0;
  for (; due && measure_from_ + due->time <= now; due = schedule.next()) {
    tally_.never_offered(measured_request(*due), now);
    // Who asked for a thousand times what this machine can do learns that much; and a run ends.
    if (++counted == unoffered_max) return;
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

/// After `patience` nothing is waited for any more.
Task<void> StreamShard::give_up(StreamShard* self, Duration patience, Error reason) {
  const Result<void> waited = co_await sleep_for(patience);
  if (!waited) co_return;
  self->tally_.is_stopping = true;
  self->dispatcher_.abandon(Clock::now());
  self->running_.cancel(reason);
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
  Scope ticking;
  ticking.spawn(tick(this));
  if (has_schedule()) offering_.spawn(offer_all(this));
  (void)co_await running_.join();
  has_ended_ = tally_.is_stopping = true;
  dispatcher_.abandon(Clock::now());
  offering_.cancel();
  (void)co_await offering_.join();
  ticking.cancel();
  (void)co_await ticking.join();
  tasks_.cancel();
  (void)co_await tasks_.join();
  // On this shard: what a dialogue holds of its pool goes back here.
  connections_.clear();
  co_await idle_->close_all();
  nagle_stalls_ = Shard::current().stats().nagle_stalls;
}

void StreamShard::stop(Duration patience, Error reason) noexcept {
  if (has_ended_ || was_interrupted_) return;
  // What a schedule had is still sent, late as it is, as long as the patience lasts: leaving it
  // out would flatter the server that made it late.
  was_interrupted_ = reason == Error::cancelled;
  if (was_interrupted_ || !has_schedule()) {
    tally_.is_stopping = true;
    dispatcher_.abandon(Clock::now());
    if (idle_) idle_->stop_opening();
  }
  tasks_.spawn(give_up(this, patience, reason));
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
  report.nagle_stalls += nagle_stalls_;
  idle_->add_to(report.connections);
}

}  // namespace weir::tools::load
