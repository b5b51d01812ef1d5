#include "tools/weir/load/engine/conductor.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tools/weir/common/duration.h"
#include "tools/weir/common/system_files.h"
#include "tools/weir/load/engine/gap_summary.h"
#include "tools/weir/load/engine/kernel_probe.h"
#include "tools/weir/load/engine/stream_shard.h"
#include "tools/weir/load/engine/udp_shard.h"
#include "weir/core/call.h"
#include "weir/core/deadline.h"
#include "weir/core/drain.h"
#include "weir/core/runtime.h"
#include "weir/core/scope.h"
#include "weir/core/when_all.h"
#include "weir/core/when_any.h"

namespace weir::tools::load {
namespace {

using std::chrono::nanoseconds;

/// What Ctrl-C leaves for answers under way.
constexpr Duration patience_when_interrupted = std::chrono::milliseconds(200);
/// Until every shard has heard that measuring begins.
constexpr Duration lead = std::chrono::milliseconds(25);
constexpr Duration one_second = std::chrono::seconds(1);
constexpr Duration quarter = std::chrono::milliseconds(250);

nanoseconds cpu_time_of_process() noexcept {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto nanoseconds_of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return nanoseconds_of(usage.ru_utime) + nanoseconds_of(usage.ru_stime);
}

double per_second(std::uint64_t count, Duration duration) noexcept {
  return duration > Duration() ? static_cast<double>(count) / in_seconds(duration) : 0;
}

nanoseconds percentile_of(const CensoredHistogram& latency, double percentile) noexcept {
  return nanoseconds(static_cast<std::int64_t>(latency.percentile(percentile).value));
}

Task<PartState> swap_on_shard(LoadPart* part, Phase phase, std::unique_ptr<Interval>* spare) {
  part->swap_interval(phase, *spare);
  co_return part->state();
}

Task<ShardThread> thread_of_shard() { co_return ShardThread::current(); }

Task<void> begin_on_shard(LoadPart* part, TimePoint time) {
  part->begin_measuring(time);
  co_return;
}

Task<void> stop_on_shard(LoadPart* part, Duration patience, Error reason) {
  part->stop(patience, reason);
  co_return;
}

Task<Result<void>> wait_for_drain() { co_return co_await drain_begun(); }
Task<Result<void>> wait_for(Event* event) { co_return co_await event->wait(); }

template <typename F>
Task<void> on_shard(unsigned id, LoadPart* part, F function) {
  co_await call(Runtime::current().shard(id), [part, function] { return function(part); });
}

}  // namespace

Conductor::Conductor(const Options& options, const RunSinks& sinks, LoadReport& report)
    : options_(options), sinks_(sinks), report_(report), spare_(std::make_unique<Interval>()) {}

template <typename F>
Task<void> Conductor::on_every_shard(F function) {
  std::vector<Task<void>> tasks;
  tasks.reserve(parts_.size());
  for (unsigned id = 0; id < parts_.size(); ++id) {
    tasks.push_back(on_shard(id, parts_[id].get(), function));
  }
  (void)co_await when_all(std::move(tasks));
}

void Conductor::make_parts() {
  const unsigned count = std::min(Runtime::current().shard_count(), options_.connections);
  const auto share = [count](std::uint32_t total, unsigned id) {
    return total / count + (id < total % count ? 1 : 0);
  };
  ShardPlace place{.id = 0, .count = count};
  for (; place.id < count; ++place.id) {
    place.connections = share(options_.connections, place.id);
    place.idle_connections = share(options_.idle_connections, place.id);
    if (options_.target.transport == Transport::datagram) {
      parts_.push_back(
          std::make_unique<UdpShard>(options_, place.first_connection, place.connections));
    } else {
      parts_.push_back(std::make_unique<StreamShard>(options_, place));
    }
    place.first_connection += place.connections;
  }
  states_.resize(parts_.size());
}

Task<void> Conductor::run() {
  make_parts();
  report_.backend = Runtime::current().backend_report().backend;
  Scope watching;
  watching.spawn(watch_signals(this));
  co_await connect();
  Scope scope;
  if (report_.connections.established == 0) {
    co_await stop_all(Duration(), Error::cancelled);
  } else {
    scope.spawn(conduct(this));
  }
  co_await on_every_shard([](LoadPart* part) { return part->run(); });
  finished_.set();
  (void)co_await scope.join();
  watching.cancel();
  (void)co_await watching.join();
  co_await collect();
}

/// In every phase: connecting and settling take their time, too.
Task<void> Conductor::watch_signals(Conductor* self) {
  const Result<void> draining = co_await drain_begun();
  if (!draining) co_return;
  self->report_.interrupted = true;
  co_await self->stop_all(patience_when_interrupted, Error::cancelled);
}

Task<void> Conductor::connect() {
  co_await on_every_shard([](LoadPart* part) { return part->connect_all(); });
  for (const auto& part : parts_) report_.connections.established += part->established();
  report_.connections.requested = options_.connections;
  // Looking for who serves takes milliseconds: before the load.
  auto threads = co_await threads_of_shards();
  host_.emplace(SystemFiles(), options_.target, std::move(threads));
}

Task<std::vector<ShardThread>> Conductor::threads_of_shards() {
  std::vector<ShardThread> threads;
  threads.reserve(parts_.size());
  for (unsigned id = 0; id < parts_.size(); ++id) {
    threads.push_back(
        co_await call(Runtime::current().shard(id), [] { return thread_of_shard(); }));
  }
  co_return threads;
}

std::vector<Duration> Conductor::polled_by_shard() const {
  std::vector<Duration> polled;
  polled.reserve(states_.size());
  for (const PartState& state : states_) polled.push_back(state.polled);
  return polled;
}

/// Through the phases, until something ends the run early; then stops it.
Task<void> Conductor::conduct(Conductor* self) {
  const TimePoint began = Clock::now();
  Woken woken = co_await self->warm_up();
  Scope probing;
  if (woken == Woken::by_time) {
    co_await self->begin_measuring();
    self->report_.warm_up = self->begin_ - began;
    if (auto probe = kernel_probe_options(self->options_)) {
      self->probe_.emplace(*std::move(probe));
      probing.spawn(self->probe_->run());
    }
    woken = co_await self->measure();
    const TimePoint end = deadline_after(self->begin_, self->options_.duration);
    if (woken != Woken::by_end) self->end_ = std::min(Clock::now(), end);
  }
  probing.cancel();
  (void)co_await probing.join();
  const bool is_early = woken == Woken::by_signal || self->report_.aborted;
  co_await self->stop_all(is_early ? patience_when_interrupted : self->options_.timeout,
                          is_early ? Error::cancelled : Error::deadline_exceeded);
}

Task<Conductor::Woken> Conductor::wait_until(TimePoint time) {
  auto either = when_any(wait_for_drain(), wait_for(&finished_));
  const auto first = co_await with_deadline(time, std::move(either));
  if (std::get<0>(first.results).has_value()) co_return Woken::by_signal;
  co_return finished_.is_set() ? Woken::by_end : Woken::by_time;
}

Task<Conductor::Woken> Conductor::warm_up() {
  // A datagram needs no connection that could be slow at first.
  if (options_.target.transport == Transport::datagram) co_return Woken::by_time;
  const TimePoint began = Clock::now();
  const Duration window = options_.warm_up
                              ? std::clamp<Duration>(*options_.warm_up, Duration(), one_second)
                              : WarmUp::window_for(options_.duration);
  WarmUp steadiness;
  Interval interval;
  Woken woken = Woken::by_time;
  bool is_over = options_.warm_up && *options_.warm_up == Duration();
  while (!is_over && woken == Woken::by_time) {
    const TimePoint window_began = Clock::now();
    woken = co_await wait_until(window_began + window);
    interval.reset();
    co_await take(Phase::warm_up, interval);
    const TimePoint now = Clock::now();
    tell_warm_up(began, interval, now - window_began);
    const auto p50 = interval.latency.primary().percentile(50).value;
    is_over = options_.warm_up ? now - began >= *options_.warm_up
                               : steadiness.add_window(interval.requests.answered, p50);
  }
  co_return woken;
}

Task<void> Conductor::begin_measuring() {
  const bool has_parts_ahead = options_.target.transport == Transport::stream;
  begin_ = Clock::now() + (has_parts_ahead ? lead : Duration());
  const TimePoint begin = begin_;
  co_await on_every_shard([begin](LoadPart* part) { return begin_on_shard(part, begin); });
  second_began_ = begin_;
  cpu_before_ = cpu_time_of_process();
  const std::vector<Duration> polled = polled_by_shard();
  host_->begin(begin_, polled);
}

/// Samples until the duration is over, an interruption or an early end.
Task<Conductor::Woken> Conductor::measure() {
  const TimePoint end = deadline_after(begin_, options_.duration);
  const Duration step = sinks_.wants_quarters ? quarter : one_second;
  Woken woken = Woken::by_time;
  TimePoint next = begin_;
  while (woken == Woken::by_time && next < end && !report_.aborted) {
    next = std::min(next + step, end);
    woken = co_await wait_until(next);
    // Both at once: the schedule was over in time.
    if (woken == Woken::by_end && Clock::now() >= next) woken = Woken::by_time;
    if (woken != Woken::by_time) break;
    const bool ends_second = co_await sample(next);
    if (ends_second && is_to_abort()) report_.aborted = true;
  }
  co_return woken;
}

Task<void> Conductor::take(Phase phase, Interval& into) {
  for (unsigned id = 0; id < parts_.size(); ++id) {
    LoadPart* const part = parts_[id].get();
    std::unique_ptr<Interval>* const spare = &spare_;
    states_[id] = co_await call(Runtime::current().shard(id),
                                [part, phase, spare] { return swap_on_shard(part, phase, spare); });
    into.merge(*spare_);
    spare_->reset();
  }
}

/// \param now  when it was meant to be taken: seconds do not drift
/// \returns  whether that was a whole second
Task<bool> Conductor::sample(TimePoint now) {
  co_await take(Phase::measured, second_);
  const bool ends_second = now - second_began_ >= one_second;
  if (ends_second) {
    end_second(now);
  } else {
    tell(now, false);
  }
  co_return ends_second;
}

PartState Conductor::state_of_all() const noexcept {
  PartState sum;
  for (const PartState& state : states_) {
    sum.in_flight += state.in_flight;
    sum.queued += state.queued;
    sum.polled += state.polled;
  }
  return sum;
}

void Conductor::end_second(TimePoint now) {
  const CensoredHistogram& latency = second_.latency.primary();
  const PartState state = state_of_all();
  const Duration length = now - second_began_;
  host_second_ = host_->sample(now, polled_by_shard());
  SecondSummary row;
  row.offered = second_.requests.offered;
  row.sent = second_.requests.sent;
  row.answered = second_.requests.answered;
  row.errors = second_.errors;
  row.lost = second_.requests.lost;
  row.dropped = second_.requests.dropped;
  row.in_flight = state.in_flight;
  row.queued = state.queued;
  row.p50 = percentile_of(latency, 50);
  row.p90 = percentile_of(latency, 90);
  row.p99 = percentile_of(latency, 99);
  row.p999 = percentile_of(latency, 99.9);
  row.max = nanoseconds(static_cast<std::int64_t>(latency.all().max()));
  row.send_lag_p99 =
      nanoseconds(static_cast<std::int64_t>(second_.latency.send_lag.value_at_percentile(99)));
  row.generator_cpu_share = host_second_.generator_cpu_share;
  row.steal_share = host_second_.steal_share;
  report_.seconds.push_back(row);
  all_.merge(second_);
  if (sinks_.interval) sinks_.interval(second_began_ - begin_, length, second_);
  tell(now, true);
  second_.reset();
  second_began_ = now;
}

void Conductor::tell(TimePoint now, bool ends_second) {
  if (!sinks_.progress) return;
  const CensoredHistogram& latency = second_.latency.primary();
  const CensoredHistogram& run = all_.latency.primary();
  const Duration length = now - second_began_;
  const PartState state = state_of_all();
  ProgressSample sample;
  sample.elapsed = now - begin_;
  sample.duration = options_.duration;
  const std::uint64_t offered =
      all_.requests.offered + (ends_second ? 0 : second_.requests.offered);
  const std::uint64_t answered =
      all_.requests.answered + (ends_second ? 0 : second_.requests.answered);
  if (options_.open) {
    sample.offered_rate = per_second(second_.requests.offered, length);
    sample.offered_rate_run = per_second(offered, sample.elapsed);
  }
  sample.rate = per_second(second_.requests.answered, length);
  sample.rate_run = per_second(answered, sample.elapsed);
  sample.p50 = percentile_of(latency, 50);
  sample.p99 = percentile_of(latency, 99);
  sample.p999 = percentile_of(latency, 99.9);
  sample.max = nanoseconds(static_cast<std::int64_t>(latency.all().max()));
  sample.p50_run = percentile_of(run, 50);
  sample.p99_run = percentile_of(run, 99);
  sample.p999_run = percentile_of(run, 99.9);
  sample.send_lag_p99 =
      nanoseconds(static_cast<std::int64_t>(second_.latency.send_lag.value_at_percentile(99)));
  sample.in_flight = state.in_flight;
  sample.queued = state.queued;
  const std::uint64_t now_only = ends_second ? 0 : 1;
  sample.errors = all_.errors + now_only * second_.errors;
  sample.timeouts = all_.requests.timed_out + now_only * second_.requests.timed_out;
  sample.dropped = all_.requests.dropped + now_only * second_.requests.dropped;
  sample.lost = all_.requests.lost + now_only * second_.requests.lost;
  sample.generator_cpu_share = host_second_.generator_cpu_share;
  sample.steal_share = host_second_.steal_share;
  sample.ends_second = ends_second;
  sinks_.progress(sample);
}

void Conductor::tell_warm_up(TimePoint began, const Interval& interval, Duration length) {
  if (!sinks_.progress) return;
  ProgressSample sample;
  sample.phase = Phase::warm_up;
  sample.elapsed = Clock::now() - began;
  sample.duration = options_.duration;
  sample.rate = sample.rate_run = per_second(interval.requests.answered, length);
  sample.p50 = percentile_of(interval.latency.primary(), 50);
  sample.p99 = percentile_of(interval.latency.primary(), 99);
  sample.p999 = percentile_of(interval.latency.primary(), 99.9);
  sample.max = nanoseconds(static_cast<std::int64_t>(interval.latency.primary().all().max()));
  sample.ends_second = length >= one_second;
  sinks_.progress(sample);
}

/// A condition of --abort-on holds, over the whole seconds so far.
bool Conductor::is_to_abort() {
  if (options_.abort_on.empty()) return false;
  report_.requests = all_.requests;
  report_.latency = all_.latency;
  report_.measured = second_began_ - begin_;
  const auto results = judge_slo(options_.abort_on, report_);
  return std::any_of(results.begin(), results.end(), [](const SloResult& r) { return r.ok; });
}

Task<void> Conductor::stop_all(Duration patience, Error reason) {
  co_await on_every_shard(
      [patience, reason](LoadPart* part) { return stop_on_shard(part, patience, reason); });
}

/// Everything that has not been sampled, and the totals.
Task<void> Conductor::collect() {
  const bool was_measured = begin_ != TimePoint();
  const TimePoint now = Clock::now();
  co_await take(Phase::measured, second_);
  if (was_measured && sinks_.interval) {
    const Duration length = std::max<Duration>(now - second_began_, std::chrono::milliseconds(1));
    sinks_.interval(second_began_ - begin_, length, second_);
  }
  all_.merge(second_);
  report_.requests = all_.requests;
  report_.latency = all_.latency;
  report_.connections.opened = all_.connections.opened;
  report_.connections.retired = all_.connections.retired;
  report_.connections.broken = all_.connections.broken;
  GapStatistics gaps;
  std::size_t schedule_parts = 0;
  for (const auto& part : parts_) {
    part->add_to(report_);
    gaps.merge(part->gaps());
    schedule_parts += part->schedule_parts();
  }
  if (options_.open) report_.gaps = summary_of(gaps, options_, schedule_parts);
  if (!was_measured) co_return;
  report_.host = host_->end(now, polled_by_shard());
  if (probe_) {
    report_.latency.kernel_rtt.merge(probe_->kernel_rtt());
    report_.probe_complaint = probe_->gave_up();
  }
  report_.cpu_time = cpu_time_of_process() - cpu_before_;
  report_.polled = state_of_all().polled;
  // Until the last answer, but the whole of what was meant to be measured: a server that hangs in
  // its second half has not been faster for it.
  report_.measured = std::max({all_.last_answer, end_, begin_}) - begin_;
}

}  // namespace weir::tools::load
