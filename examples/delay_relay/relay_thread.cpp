#include "relay_thread.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <future>
#include <utility>

#include "thread_timing.h"
#include "weir/base/assert.h"

namespace delay_relay {
namespace {

using weir::Result;
using weir::Task;

OrProblem<FileDescriptor> make_eventfd() {
  FileDescriptor made(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!made.is_open()) return failed("cannot make an eventfd");
  return made;
}

Task<Result<void>> until_readable(int fd) {
  const Result<short> events = co_await weir::poll_fd(fd, POLLIN);
  if (!events) co_return std::unexpected(events.error());
  co_return Result<void>();
}

}  // namespace

RelayThread::RelayThread(const EmulatedPath& path, const RelaySettings& settings,
                         FileDescriptor stop, FileDescriptor ended) noexcept
    : path_(path), settings_(settings), stop_(std::move(stop)), ended_(std::move(ended)) {}

RelayThread::~RelayThread() { join(); }

OrProblem<std::unique_ptr<RelayThread>> RelayThread::start(const EmulatedPath& path,
                                                           const RelaySettings& settings) {
  OrProblem<FileDescriptor> stop = make_eventfd();
  if (!stop) return std::unexpected(stop.error());
  OrProblem<FileDescriptor> ended = make_eventfd();
  if (!ended) return std::unexpected(ended.error());
  std::unique_ptr<RelayThread> relay(
      new RelayThread(path, settings, std::move(*stop), std::move(*ended)));
  std::promise<OrProblem<void>> begun;
  std::future<OrProblem<void>> beginning = begun.get_future();
  relay->thread_ = std::thread(&RelayThread::run, relay.get(), std::move(begun));
  const OrProblem<void> is_begun = beginning.get();
  if (!is_begun) return std::unexpected(is_begun.error());
  return relay;
}

void RelayThread::run(std::promise<OrProblem<void>> begun) {
  outcome_ = end_timer_slack();
  is_realtime_ =
      settings_.realtime_priority != 0 && take_realtime_priority(settings_.realtime_priority);
  if (!outcome_) {
    begun.set_value(outcome_);
  } else {
    outcome_ = run_until_stopped(begun);
  }
  cpu_time_ = cpu_time();
  ::eventfd_write(ended_.get(), 1);
}

OrProblem<void> RelayThread::run_until_stopped(std::promise<OrProblem<void>>& begun) {
  weir::RuntimeOptions options{
      .backend = settings_.backend, .spin = settings_.spin, .signals = weir::SignalPolicy::leave};
  if (settings_.cpu) {
    const bool is_a_cpu = options.cpus.add(*settings_.cpu);
    WEIR_ASSERT(is_a_cpu);
  }
  bool has_begun = false;
  const Result<void> ran = weir::run(options, [&] {
    has_begun = true;
    begun.set_value({});
    return relay_until_stopped();
  });
  if (ran) return {};
  const OrProblem<void> problem = std::unexpected(Problem{
      .what = has_begun ? "the relay has ended" : "the relay cannot start", .why = ran.error()});
  if (!has_begun) begun.set_value(problem);
  return problem;
}

Task<Result<void>> RelayThread::relay_until_stopped() {
  Task<Result<void>> relaying = relay(&path_, settings_.relay, &counts_);
  Task<Result<void>> stopping = until_readable(stop_.get());
  const auto first = co_await weir::when_any(std::move(relaying), std::move(stopping));
  if (first.index == 0) co_return std::get<0>(first.results);
  co_return std::get<1>(first.results);
}

void RelayThread::join() noexcept {
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

OrProblem<RelayReport> RelayThread::stop() {
  WEIR_ASSERT(thread_.joinable());
  join();
  if (!outcome_) return std::unexpected(outcome_.error());
  const PathEnd& client = path_.client();
  const PathEnd& server = path_.server();
  return RelayReport{.rtt = settings_.relay.rtt,
                     .is_realtime = is_realtime_,
                     .cpu_time = cpu_time_,
                     .counts = counts_,
                     .unread_to_server = client.device.dropped_count(client.home),
                     .unread_to_client = server.device.dropped_count(server.home)};
}

}  // namespace delay_relay
