#include "tools/weir/serve/run.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/backend_choice.h"
#include "tools/weir/common/timer_slack.h"
#include "tools/weir/exec/child_process.h"
#include "tools/weir/exec/exec_service.h"
#include "tools/weir/serve/bind_error.h"
#include "tools/weir/serve/framed_echo.h"
#include "tools/weir/serve/stall_service.h"
#include "tools/weir/serve/udp_report.h"
#include "tools/weir/serve/udp_run.h"
#include "tools/weir/serve/upper_service.h"
#include "tools/weir/serve/work_service.h"
#include "weir/weir.h"

namespace weir::tools::serve {
namespace {

/// Until the peer has read enough for more to be queued. Apart from the handler, whose frame stays
/// small: there is one for each connection.
template <typename S>
Task<std::error_code> wait_for_room(S* stream) {
  const Result<void> drained = co_await stream->drained();
  co_return drained ? std::error_code() : drained.error();
}

/// Sends back what comes. What one turn received leaves in one gather; a peer that does not read
/// stops us at the high-water mark.
template <typename S>
Task<Result<void>> echo(S stream) {
  for (;;) {
    Result<Chain> chunk = co_await stream.read();
    if (!chunk) co_return std::unexpected(chunk.error());
    if (chunk->empty()) co_return Result<void>();
    const Result<void> queued = stream.queue(std::move(*chunk));
    if (!queued) co_return queued;
    if (stream.queued_bytes() >= stream.limits().high_water_bytes) {
      if (const std::error_code error = co_await wait_for_room(&stream)) {
        co_return std::unexpected(error);
      }
    }
  }
}

template <typename S>
Task<Result<void>> discard(S stream) {
  for (;;) {
    const Result<Chain> chunk = co_await stream.read();
    if (!chunk) co_return std::unexpected(chunk.error());
    if (chunk->empty()) co_return Result<void>();
  }
}

struct Summary {
  ServeStats served;
  UdpReport udp;
  std::uint64_t system_calls = 0;
  std::uint64_t receives = 0;
  std::uint64_t receive_pauses = 0;
  std::string backend;
  exec::ServiceStats commands;
  StallReport stall;
  WorkReport work;
};

/// What is served, and what became of it.
struct Job {
  const Options* options;
  exec::AllowList allow_list;
  Summary* summary;
  std::string* problem;
};

/// A request waits at most the time limit for its turn and runs at most as long, without a byte on
/// its connection: that is no idleness.
template <typename Listener>
Task<Result<ServeStats>> serve_commands(Listener* listener, const Job* job) {
  const exec::ServiceOptions& options = job->options->exec;
  exec::ExecService service(options, job->allow_list);
  ServeOptions limits = job->options->limits;
  limits.idle_timeout += 2 * options.time_limit;
  const auto serve_one = [&service](typename Listener::Stream stream) {
    return service.serve(std::move(stream));
  };
  Task<Result<ServeStats>> serving = listener->serve(serve_one, limits);
  Result<ServeStats> served = co_await std::move(serving);
  job->summary->commands = service.stats();
  co_return served;
}

/// Stalls on the clock that begins with READY, whose phase is told right after it.
template <typename Listener>
Task<Result<ServeStats>> serve_stalls(Listener* listener, TimePoint ready, const Job* job) {
  const StallOptions& stall = job->options->stall;
  const StallClock clock = StallClock::starting_at(ready, stall.every, stall.length);
  fmt::print("weir serve stall: {}\n", announcement_text(clock));
  std::fflush(stdout);
  return serve_stall(listener, clock, job->options->limits, &job->summary->stall);
}

template <typename Listener>
Task<Result<ServeStats>> serve_on(Listener listener, const Job* job) {
  using S = typename Listener::Stream;
  const Options& options = *job->options;
  const TimePoint ready = Clock::now();
  fmt::print("READY {}\n", listener.address().to_string());
  std::fflush(stdout);
  switch (options.service) {
    case Service::echo:
      if (options.codec != WireCodec::raw) {
        co_return co_await serve_framed_echo(&listener, options.codec, options.limits);
      }
      co_return co_await listener.serve(echo<S>, options.limits);
    case Service::discard:
      co_return co_await listener.serve(discard<S>, options.limits);
    case Service::upper:
      co_return co_await listener.serve(
          options.per_connection == PerConnection::one ? upper_one_line<S> : upper_each_line<S>,
          options.limits);
    case Service::exec:
      co_return co_await serve_commands(&listener, job);
    case Service::stall:
      co_return co_await serve_stalls(&listener, ready, job);
    case Service::work:
      co_return co_await serve_work(&listener, options.work, options.limits, &job->summary->work);
    case Service::udp_echo:
    case Service::udp_sink:
      break;
  }
  co_return fail(Error::option_invalid);
}

template <typename Listener>
Task<Result<ServeStats>> listen_and_serve(const Job* job) {
  const Address& address = job->options->listen;
  // To everybody means IPv4 too, as with `weir serve udp-echo`.
  Result<Listener> listener =
      Listener::bind(address, {.dual_stack = address.is_any() ? Switch::on : Switch::off});
  if (!listener) {
    *job->problem = explain_bind_error(address, listener.error());
    co_return std::unexpected(listener.error());
  }
  co_return co_await serve_on(std::move(*listener), job);
}

Task<void> add_shard_stats(Summary* summary) {
  Runtime& runtime = Runtime::current();
  for (unsigned id = 0; id < runtime.shard_count(); ++id) {
    const ShardStats stats =
        co_await call(runtime.shard(id), [] { return Shard::current().stats(); });
    summary->system_calls += stats.system_calls;
    summary->receives += stats.receives;
    summary->receive_pauses += stats.receive_pauses;
  }
}

/// What nobody asked for should be known.
void tell_of_fallback(const Options& options, const BackendReport& report) {
  const bool is_chosen = options.backend != Backend::automatic || std::getenv("WEIR_BACKEND");
  if (is_chosen || report.backend == Backend::io_uring) return;
  fmt::print(stderr, "weir serve: on epoll: {}\n", report.reason);
}

Task<Result<void>> serve_until_drained(const Job* job) {
  const BackendReport& report = Runtime::current().backend_report();
  tell_of_fallback(*job->options, report);
  job->summary->backend = to_string(report.backend);
  if (job->options->transport == Transport::datagram) {
    const Result<void> served = co_await serve_udp(job->options, &job->summary->udp, job->problem);
    if (!served) co_return served;
  } else {
    Result<ServeStats> served = fail(Error::closed);
    if (job->options->listen.is_unix()) {
      served = co_await listen_and_serve<UnixListener>(job);
    } else {
      served = co_await listen_and_serve<TcpListener>(job);
    }
    if (!served) co_return std::unexpected(served.error());
    job->summary->served = *served;
  }
  co_await shielded(add_shard_stats(job->summary));
  co_return Result<void>();
}

void print_udp_summary(const Options& options, const Summary& summary) {
  fmt::print("weir serve {}: {}, {} system calls, backend {}\n", to_text(options.service),
             summary_text(summary.udp), summary.system_calls, summary.backend);
  if (options.service != Service::udp_sink) return;
  if (!keeps_streams_together(options.steering, options.shards)) {
    fmt::print(
        "weir serve udp-sink: numbered datagrams were not followed, because this --steer spreads "
        "them over the shards\n");
  } else if (summary.udp.streams.streams != 0) {
    fmt::print("weir serve udp-sink: {}\n", summary.udp.streams.to_text());
  }
}

void print_commands(const exec::ServiceStats& commands) {
  fmt::print(
      "weir serve exec: {} requests ({} refused), {} commands run ({} timed out, {} over the "
      "output limit, {} abandoned)\n",
      commands.requests, commands.refused, commands.commands, commands.timed_out,
      commands.truncated, commands.abandoned);
}

void print_summary(const Options& options, const Summary& summary) {
  fmt::print(
      "weir serve {}: {} connections ({} failed), {} bytes in, {} bytes out, {} receives, {} "
      "system "
      "calls, {} receive pauses, backend {}\n",
      to_text(options.service), summary.served.accepted, summary.served.failed,
      summary.served.bytes_received, summary.served.bytes_sent, summary.receives,
      summary.system_calls, summary.receive_pauses, summary.backend);
  if (options.service == Service::exec) print_commands(summary.commands);
  if (options.service == Service::stall) {
    fmt::print("weir serve stall: {}\n", summary_text(summary.stall));
  }
  if (options.service == Service::work) {
    fmt::print("weir serve work: {}\n",
               summary_text(summary.work.clock, summary.work.queue_longest));
  }
}

/// The programs of the service exec, looked up once. False, with the reason printed, if one is not
/// there.
bool prepare_commands(const Options& options, exec::AllowList& allow_list) {
  const char* const path = std::getenv("PATH");
  auto resolved = exec::AllowList::resolve(options.exec.allowed, path == nullptr ? "" : path);
  if (!resolved) {
    fmt::print(stderr, "weir serve exec: {}\n", resolved.error().message);
    return false;
  }
  allow_list = *std::move(resolved);
  for (const std::string& name : allow_list.find_unbounded()) {
    fmt::print(stderr,
               "weir serve exec: note: {} runs whatever it is given, so clients may run anything\n",
               name);
  }
  exec::ChildProcess::prepare_process();
  return true;
}

/// A full queue of long services would take days; who ends the server wants it ended.
constexpr Duration work_drain_max = std::chrono::minutes(1);

/// A drain waits for what takes long on purpose: the end of a stall, a full queue.
Duration expected_delay(const Options& options) noexcept {
  if (options.service == Service::stall) return options.stall.length;
  if (options.service == Service::work) {
    const Duration full_queue = WorkQueue::requests_max * options.work.service_time.mean;
    return std::min<Duration>(full_queue, work_drain_max);
  }
  return Duration::zero();
}

}  // namespace

ExitCode run(const Options& options) {
  RuntimeOptions runtime{.shards = options.shards,
                         .backend = options.backend,
                         .cpus = options.cpus,
                         .spin = options.spin.value_or(Duration::zero()),
                         .adaptive = !options.spin};
  runtime.drain_timeout += expected_delay(options);
  if (options.service == Service::stall || options.service == Service::work) {
    ask_for_exact_timers();
  }
  Summary summary;
  std::string problem;
  Job job{.options = &options, .allow_list = {}, .summary = &summary, .problem = &problem};
  if (options.service == Service::exec && !prepare_commands(options, job.allow_list)) {
    return ExitCode::run_failed;
  }
  const Result<void> served = weir::run(runtime, [&] { return serve_until_drained(&job); });
  if (!served) {
    if (problem.empty()) problem = explain_run_error(options.backend, served.error());
    fmt::print(stderr, "weir serve: {}\n", problem);
    if (served.error() == Error::backend_unavailable) {
      fmt::print(stderr, "weir serve: `weir doctor` says what works here\n");
    }
    return ExitCode::run_failed;
  }
  if (options.transport == Transport::datagram) {
    print_udp_summary(options, summary);
  } else {
    print_summary(options, summary);
  }
  if (summary.served.dropped == 0) return ExitCode::done;
  fmt::print(stderr, "weir serve: {} connections were still open at the end, and were cut off\n",
             summary.served.dropped);
  return ExitCode::run_failed;
}

}  // namespace weir::tools::serve
