#include "tools/weir/load/engine/measure.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "tools/weir/common/system_files.h"
#include "tools/weir/common/version.h"
#include "tools/weir/load/engine/load_shard.h"
#include "tools/weir/load/engine/udp_shard.h"
#include "tools/weir/load/kernel/udp_socket_table.h"
#include "weir/weir.h"

namespace weir::tools::load {
namespace {

using std::chrono::nanoseconds;

/// What Ctrl-C leaves for answers under way.
constexpr Duration patience_when_interrupted = std::chrono::milliseconds(200);

nanoseconds cpu_time_of_process() noexcept {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto nanoseconds_of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return nanoseconds_of(usage.ru_utime) + nanoseconds_of(usage.ru_stime);
}

/// The conductor on shard 0: starts the shards' parts, samples them, stops them, adds up.
class Measurement {
 public:
  Measurement(const Options& options, const ProgressSink& progress, LoadReport& report)
      : options_(options), progress_(progress), report_(report) {}

  Task<Result<void>> run() {
    make_shards();
    report_.backend = Runtime::current().backend_report().backend;
    co_await on_every_shard([](LoadPart* shard) { return shard->connect_all(); });
    for (const auto& shard : shards_) report_.connections.established += shard->established();
    if (report_.connections.established == 0) {
      co_await collect();
      co_return Result<void>();
    }
    const nanoseconds cpu_before = cpu_time_of_process();
    begin_ = last_sample_ = Clock::now();
    Scope scope;
    scope.spawn(conduct(this));
    co_await on_every_shard([](LoadPart* shard) { return shard->run(); });
    finished_.set();
    (void)co_await scope.join();
    co_await collect();
    report_.cpu_time = cpu_time_of_process() - cpu_before;
    report_.measured = std::max(all_.last_answer, begin_) - begin_;
    // A schedule of a second ends a little before the second does, but takes it.
    if (options_.rate && !report_.interrupted && all_.requests.answered > 0) {
      report_.measured = std::max(report_.measured, options_.duration);
    }
    co_return Result<void>();
  }

 private:
  void make_shards() {
    const unsigned count = std::min(Runtime::current().shard_count(), options_.connections);
    std::uint32_t first = 0;
    for (unsigned id = 0; id < count; ++id) {
      const std::uint32_t connections =
          options_.connections / count + (id < options_.connections % count ? 1 : 0);
      shards_.push_back(make_part(first, connections));
      first += connections;
    }
  }

  [[nodiscard]] std::unique_ptr<LoadPart> make_part(std::uint32_t first,
                                                    std::uint32_t connections) const {
    if (options_.target.transport == Transport::datagram) {
      return std::make_unique<UdpShard>(options_, first, connections);
    }
    return std::make_unique<LoadShard>(options_, first, connections);
  }

  template <typename F>
  Task<void> on_every_shard(F function) {
    std::vector<Task<void>> tasks;
    tasks.reserve(shards_.size());
    for (unsigned id = 0; id < shards_.size(); ++id) {
      tasks.push_back(on_shard(id, shards_[id].get(), function));
    }
    (void)co_await when_all(std::move(tasks));
  }

  template <typename F>
  static Task<void> on_shard(unsigned id, LoadPart* shard, F function) {
    co_await call(Runtime::current().shard(id), [shard, function] { return function(shard); });
  }

  /// Samples once a second until the duration is over, an interruption or an early end; then stops.
  static Task<void> conduct(Measurement* self) {
    const TimePoint end = self->begin_ + self->options_.duration;
    bool interrupted = false;
    while (!self->finished_.is_set() && !interrupted && Clock::now() < end) {
      const TimePoint next = std::min(self->last_sample_ + std::chrono::seconds(1), end);
      interrupted = co_await self->interrupted_before(next);
      if (!interrupted && next < end && !self->finished_.is_set()) co_await self->sample();
    }
    self->report_.interrupted = interrupted;
    const Duration patience = interrupted ? patience_when_interrupted : self->options_.timeout;
    const Error reason = interrupted ? Error::cancelled : Error::deadline_exceeded;
    co_await self->on_every_shard(
        [patience, reason](LoadPart* shard) { return stop_shard(shard, patience, reason); });
  }

  static Task<void> stop_shard(LoadPart* shard, Duration patience, Error reason) {
    shard->stop(patience, reason);
    co_return;
  }

  static Task<Result<void>> wait_for_drain() { co_return co_await drain_begun(); }
  static Task<Result<void>> wait_for(Event* event) { co_return co_await event->wait(); }

  /// Waits until `time`, the run's own end, or a signal; true for the last.
  Task<bool> interrupted_before(TimePoint time) {
    auto either = when_any(wait_for_drain(), wait_for(&finished_));
    const auto first = co_await with_deadline(time, std::move(either));
    co_return std::get<0>(first.results).has_value();
  }

  Task<Interval> take_intervals() {
    Interval sum;
    for (unsigned id = 0; id < shards_.size(); ++id) {
      LoadPart* const shard = shards_[id].get();
      sum.merge(
          co_await call(Runtime::current().shard(id), [shard] { return shard->take_interval(); }));
    }
    co_return sum;
  }

  Task<void> sample() {
    const Interval interval = co_await take_intervals();
    const TimePoint now = Clock::now();
    const double seconds = std::chrono::duration<double>(now - last_sample_).count();
    last_sample_ = now;
    all_.merge(interval);
    const auto percentile = [&interval](double p) {
      return nanoseconds(
          static_cast<std::int64_t>(interval.latency.primary().all().value_at_percentile(p)));
    };
    const nanoseconds max(static_cast<std::int64_t>(interval.latency.primary().all().max()));
    report_.seconds.push_back({.answered = interval.requests.answered,
                               .errors = interval.errors,
                               .lost = interval.requests.lost,
                               .p50 = percentile(50),
                               .p99 = percentile(99),
                               .max = max});
    if (!progress_) co_return;
    progress_({.elapsed = now - begin_,
               .duration = options_.duration,
               .rate = static_cast<double>(interval.requests.answered) / seconds,
               .p50 = percentile(50),
               .p99 = percentile(99),
               .max = max,
               .errors = all_.errors,
               .lost = all_.requests.lost});
  }

  /// Everything that has not been sampled, and the totals.
  Task<void> collect() {
    all_.merge(co_await take_intervals());
    report_.requests = all_.requests;
    report_.latency = all_.latency;
    for (const auto& shard : shards_) shard->add_to(report_);
  }

  const Options& options_;
  const ProgressSink& progress_;
  LoadReport& report_;
  std::vector<std::unique_ptr<LoadPart>> shards_;
  TimePoint begin_;
  TimePoint last_sample_;
  Interval all_;
  Event finished_;
};

Task<Result<void>> run_measurement(const Options* options, const ProgressSink* progress,
                                   LoadReport* report) {
  Measurement measurement(*options, *progress, *report);
  co_return co_await measurement.run();
}

}  // namespace

std::expected<LoadReport, std::string> measure(const Options& options,
                                               const ProgressSink& progress) {
  LoadReport report;
  report.options = options;
  report.version_line = version_line();
  report.is_optimized = build_kind() == "release";
  report.machine = read_machine(SystemFiles());
  report.start = std::chrono::system_clock::now();
  const RuntimeOptions runtime{.shards = options.shards,
                               .backend = options.backend,
                               .cpus = options.cpus,
                               .drain_timeout = options.timeout + std::chrono::seconds(5)};
  std::optional<UdpSocketDrops> peer_before;
  if (options.target.transport == Transport::datagram) {
    report.datagrams.emplace();
    report.datagrams->host_before = read_udp_host_counters(SystemFiles());
    peer_before = read_udp_sockets(options.target.address);
  }
  const Result<void> ended =
      weir::run(runtime, [&] { return run_measurement(&options, &progress, &report); });
  if (!ended) return std::unexpected(ended.error().message());
  if (report.datagrams) {
    report.datagrams->host_after = read_udp_host_counters(SystemFiles());
    const auto peer_after = read_udp_sockets(options.target.address);
    if (peer_before && peer_after) {
      report.datagrams->peer_drops = drops_between(*peer_before, *peer_after);
    }
    // What no server heard is no measurement: one sentence says more than a table of zeros.
    if (report.requests.answered == 0 && report.errors.count(ErrorKind::unreachable) > 0) {
      return std::unexpected(report.errors.example(ErrorKind::unreachable));
    }
  }
  return report;
}

}  // namespace weir::tools::load
