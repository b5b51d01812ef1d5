#include "weir/core/runtime.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <barrier>
#include <cerrno>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "reactor/reactor.h"
#include "weir/core/branch.h"
#include "weir/core/deadline.h"
#include "weir/core/drain.h"
#include "weir/core/poll_fd.h"
#include "weir/core/run.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

sigset_t drain_signals() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

/// Blocks the signals that drain for as long as it lives, in this thread and those it starts.
class BlockedSignals {
 public:
  explicit BlockedSignals(SignalPolicy policy) noexcept : active_(policy == SignalPolicy::drain) {
    const sigset_t set = drain_signals();
    if (active_) pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  /// What came while main ended was for the run as well: let through now, it would be the end of
  /// the process.
  ~BlockedSignals() {
    if (!active_) return;
    const sigset_t set = drain_signals();
    const timespec at_once{};
    while (sigtimedwait(&set, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  const bool active_;
  sigset_t before_{};
};

/// The thread's CPU affinity, put back at the end: shard 0 runs on a thread that is not ours.
class Pinned {
 public:
  Pinned(const CpuList& cpus, unsigned shard) noexcept {
    if (cpus.empty()) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpus[shard % cpus.size()]), &set);
    if (pthread_getaffinity_np(pthread_self(), sizeof before_, &before_) != 0) return;
    const int error = pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    pinned_ = error == 0;
    if (error != 0) error_ = from_errno(error);
  }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() {
    if (pinned_) pthread_setaffinity_np(pthread_self(), sizeof before_, &before_);
  }
  [[nodiscard]] std::error_code error() const noexcept { return error_; }

 private:
  cpu_set_t before_{};
  bool pinned_ = false;
  std::error_code error_;
};

// Awaited into locals: GCC 12 miscompiles a coroutine that awaits in a condition and declares no
// variable at all (its body is never run).
Task<void> cancel_at_drain_deadline(CancelDomain* main, Duration drain_timeout) {
  const Result<void> begun = co_await drain_begun();
  if (!begun) co_return;
  const Result<void> waited = co_await sleep_for(drain_timeout);
  if (!waited) co_return;
  main->request(Error::cancelled);
}

/// The first signal drains, the second cancels.
Task<void> watch_signals(Runtime* runtime, int signal_fd) {
  for (;;) {
    const Result<short> readable = co_await poll_fd(signal_fd, POLLIN);
    if (!readable) co_return;
    signalfd_siginfo signal;
    if (::read(signal_fd, &signal, sizeof signal) != static_cast<ssize_t>(sizeof signal)) continue;
    if (Shard::current().draining()) {
      runtime->cancel();
      continue;
    }
    runtime->drain();
    // Two that come together are a first and a second all the same.
    const Result<void> begun = co_await drain_begun();
    if (!begun) co_return;
  }
}

}  // namespace

/// The shared state of the threads of one run.
struct Runtime::Start final : private detail::BranchOwner {
  Start(Runtime& of, unsigned shard_count) : runtime(of), all(shard_count) {}

  void fail(std::error_code reason) {
    const std::scoped_lock lock(mutex);
    if (!error) error = reason;
  }
  void start_main(detail::Branch main) noexcept { std::move(main).start(*this, nullptr); }
  void branch_ended(std::exception_ptr exception) noexcept override {
    thrown = std::move(exception);
    for (auto& shard : runtime.shards_) shard->send_signal(Shard::signal_end);
  }

  Runtime& runtime;
  std::barrier<> all;
  std::mutex mutex;
  std::error_code error;  ///< the first of a shard that has no thread or could not open
  std::exception_ptr thrown;
};

Runtime::Runtime(const RuntimeOptions& options, BackendReport report)
    : options_(options), report_(std::move(report)) {
  for (unsigned id = 0; id < options.shards; ++id) {
    shards_.emplace_back(new Shard(*this, id));
  }
}

Runtime::~Runtime() = default;

void Runtime::drain() noexcept {
  if (drain_requested_.exchange(true, std::memory_order_relaxed)) return;
  for (auto& shard : shards_) shard->send_signal(Shard::signal_drain);
}

void Runtime::cancel() noexcept {
  WEIR_ASSERT(Shard::current().id() == 0);
  main_domain_.request(Error::cancelled);
}

namespace {

Task<void> run_main(Runtime* runtime, CancelDomain* domain, Task<void> main, int signal_fd) {
  Scope helpers;
  helpers.spawn(cancel_at_drain_deadline(domain, runtime->options().drain_timeout));
  if (signal_fd >= 0) helpers.spawn(watch_signals(runtime, signal_fd));
  std::exception_ptr thrown;
  try {
    co_await with_domain(*domain, std::move(main));
  } catch (...) {
    thrown = std::current_exception();
  }
  helpers.cancel();
  co_await helpers.join();
  if (thrown) std::rethrow_exception(thrown);
}

detail::Branch as_branch(Task<void> task) { co_await std::move(task); }

}  // namespace

void Runtime::run_shard(Shard& shard, Start& start, Task<void> main) noexcept {
  const Pinned pinned(options_.cpus, shard.id());
  const Result<void> opened =
      pinned.error() ? Result<void>(std::unexpected(pinned.error())) : shard.open(report_.backend);
  if (!opened) start.fail(opened.error());
  start.all.arrive_and_wait();
  if (!start.error) {
    if (main.valid()) start.start_main(as_branch(std::move(main)));
    shard.run();
  }
  // Another shard may still send here, or wake this one, until its own loop has ended.
  start.all.arrive_and_wait();
  shard.close();
}

Result<void> Runtime::run_until_complete(Task<void> main) {
  const BlockedSignals blocked(options_.signals);
  int signal_fd = -1;
  if (options_.signals == SignalPolicy::drain) {
    const sigset_t set = drain_signals();
    signal_fd = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd < 0) return fail_errno(errno);
  }
  Start start(*this, shard_count());
  std::vector<std::thread> threads;
  threads.reserve(shard_count());
  for (unsigned id = 1; id < shard_count(); ++id) {
    try {
      threads.emplace_back([this, id, &start] { run_shard(shard(id), start, {}); });
    } catch (const std::system_error& error) {
      start.fail(from_errno(error.code().value()));
      start.all.arrive_and_drop();
    }
  }
  run_shard(shard(0), start, run_main(this, &main_domain_, std::move(main), signal_fd));
  for (std::thread& thread : threads) thread.join();
  if (signal_fd >= 0) ::close(signal_fd);
  if (start.thrown) std::rethrow_exception(start.thrown);
  if (start.error) return std::unexpected(start.error);
  return {};
}

struct detail::RuntimeStarter {
  static bool are_valid(const RuntimeOptions& options) noexcept {
    const BufferPool::Options pool{.budget_bytes = options.buffer_budget_bytes};
    return options.shards >= 1 && options.shards <= Runtime::shards_max && pool.validate() &&
           options.spin >= Duration::zero() && options.drain_timeout >= Duration::zero();
  }

  static Result<void> run(const RuntimeOptions& options, Task<void> main) {
    if (!are_valid(options)) return fail(Error::option_invalid);
    auto report = reactor::choose_backend(options.backend);
    if (!report) return std::unexpected(report.error().error);
    if (options.log.write != nullptr) options.log(Severity::note, summary(*report));
    Runtime runtime(options, std::move(*report));
    return runtime.run_until_complete(std::move(main));
  }
};

Result<void> detail::run_runtime(const RuntimeOptions& options, Task<void> main) {
  WEIR_ASSERT(!Shard::on_shard());
  return RuntimeStarter::run(options, std::move(main));
}

Result<BackendReport> backend_report(Backend wish) {
  auto report = explain_backend(wish);
  if (!report) return std::unexpected(report.error().error);
  return *std::move(report);
}

std::expected<BackendReport, BackendRefusal> explain_backend(Backend wish) {
  return reactor::choose_backend(wish);
}

}  // namespace weir
