#include "weir/core/shard.h"

#include <sched.h>

#include <algorithm>

#include "reactor/reactor.h"
#include "reactor/trial.h"
#include "weir/core/mailbox.h"
#include "weir/core/runtime.h"

namespace weir {
namespace {

/// Rounds of ready work a shard does before it looks at the kernel again.
constexpr int rounds_per_turn_max = 16;
/// Runnables a round runs at the most.
constexpr std::size_t runnables_per_round_max = 1024;
constexpr std::size_t timers_per_turn_max = 4096;
/// How often, at the most, a shard that sleeps now and then gives unneeded memory back.
constexpr Duration trim_interval = std::chrono::seconds(1);
/// As many free slabs are little: not worth a wake-up.
constexpr std::size_t spare_slabs_max = 4;
/// What a call, a timer or a datagram counts beside a byte when work is compared.
constexpr std::uint64_t message_work = 64;

/// In waits. A pair of stretches costs an otherwise idle shard no more than some milliseconds.
reactor::Trial::Plan spin_plan(unsigned shard) noexcept {
  return {.warm_up = 512, .stretch = 128, .seed = 2 * std::uint64_t{shard} + 1};
}

std::size_t processors_for(const CpuList& pinned_to) noexcept {
  if (!pinned_to.empty()) return pinned_to.size();
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (::sched_getaffinity(0, sizeof usable, &usable) != 0)
    return CPU_SETSIZE;  // more than it holds
  return static_cast<std::size_t>(CPU_COUNT(&usable));
}

/// A shard that polls may keep another from running that it waits for.
bool may_try_spinning(const RuntimeOptions& options) noexcept {
  return options.adaptive && options.spin == Duration::zero() &&
         options.shards <= processors_for(options.cpus);
}

/// What the processor is told between two looks at memory that another one writes.
void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield" ::: "memory");
#endif
}

}  // namespace

namespace detail {
constinit thread_local Shard* current_shard [[gnu::tls_model("initial-exec")]] = nullptr;

void ShardDeleter::operator()(Shard* shard) const noexcept { delete shard; }
}  // namespace detail

Shard::Shard(Runtime& runtime, unsigned id)
    : runtime_(runtime),
      id_(id),
      spin_(runtime.options().spin),
      pool_({.budget_bytes = runtime.options().buffer_budget_bytes}),
      mailbox_(std::make_unique<detail::Mailbox>()) {
  pool_.set_foreign_wake([](void* shard) { static_cast<Shard*>(shard)->wake_if_sleeping(); }, this);
  if (!may_try_spinning(runtime.options())) return;
  spin_ = spin_tried;
  spin_trial_ = std::make_unique<reactor::Trial>(spin_plan(id));
}

Shard::~Shard() = default;

Result<void> Shard::open(Backend backend) {
  detail::current_shard = this;
  pool_.make_current();
  auto reactor = reactor::make_reactor(backend, {.ready = &ready_,
                                                 .pool = &pool_,
                                                 .adaptive = runtime_.options().adaptive,
                                                 .trial_seed = 2 * std::uint64_t{id_}});
  if (!reactor) return std::unexpected(reactor.error());
  reactor_ = std::move(*reactor);
  return {};
}

void Shard::close() noexcept {
  if (detail::current_shard != this) return;  // never opened
  pool_.collect_foreign();
  // A thread that is no shard may have seen that this one sleeps and be about to wake it. From here
  // on none sees that; those that did are waited for. Both sequentially consistent.
  sleeping_.store(false, std::memory_order_seq_cst);
  pool_.finish_foreign_wakes();
  reactor_.reset();
  pool_.clear_current();
  detail::current_shard = nullptr;
}

void Shard::run() noexcept {
  while (!ending_ || lingering_sockets != 0 || has_work()) turn();
}

void Shard::turn() noexcept {
  ++stats_.turns;
  stats_.calls_received += mailbox_->deliver_all();
  pool_.collect_foreign();
  receive_signals();
  for (int round = 0; round < rounds_per_turn_max; ++round) {
    run_ready();
    flush();
    // Asking for the time is not free: a turn of a shard without timers does without.
    if (timers_.size() != 0) {
      stats_.timers_due += timers_.run_due(Clock::now(), timers_per_turn_max);
    }
    if (!has_work()) break;
  }
  if (ending_ && lingering_sockets == 0 && !has_work()) return;
  wait();
}

void Shard::run_ready() noexcept {
  std::size_t count = std::min(ready_.size(), runnables_per_round_max);
  stats_.resumed += count;
  for (; count > 0 && !ready_.empty(); --count) ready_.pop().run();
}

void Shard::unmark_turn_end(detail::TurnEnd& entry) noexcept {
  if (!entry.marked()) return;
  entry.unlink();
  --turn_end_count_;
}

void Shard::flush() noexcept {
  const std::size_t batch = turn_end_count_;
  for (std::size_t count = batch; count > 0 && turn_ends_.linked(); --count) {
    auto& entry = static_cast<detail::TurnEnd&>(*turn_ends_.next());
    unmark_turn_end(entry);
    entry.at_turn_end(batch);
  }
}

void Shard::observe_drain(detail::DrainObserver& observer) noexcept {
  WEIR_ASSERT(!observer.observing_);
  observer.observing_ = true;
  observer.previous_ = nullptr;
  observer.next_ = drain_first_;
  if (drain_first_ != nullptr) drain_first_->previous_ = &observer;
  drain_first_ = &observer;
  if (draining_) send_signal(signal_drain);  // heard in the next turn
}

void Shard::ignore_drain(detail::DrainObserver& observer) noexcept {
  if (!observer.observing_) return;
  observer.observing_ = false;
  (observer.previous_ == nullptr ? drain_first_ : observer.previous_->next_) = observer.next_;
  if (observer.next_ != nullptr) observer.next_->previous_ = observer.previous_;
}

void Shard::begin_drain() noexcept {
  draining_ = true;
  while (drain_first_ != nullptr) {
    detail::DrainObserver& first = *drain_first_;
    ignore_drain(first);
    first.on_drain();
  }
}

void Shard::receive_signals() noexcept {
  if (signals_.load(std::memory_order_relaxed) == 0) return;
  const std::uint32_t signals = signals_.exchange(0, std::memory_order_acquire);
  if ((signals & signal_drain) != 0) begin_drain();
  if ((signals & signal_end) != 0) ending_ = true;
}

void Shard::send_signal(Signal signal) noexcept {
  signals_.fetch_or(signal, std::memory_order_seq_cst);
  wake_if_sleeping();
}

void Shard::wake_if_sleeping() noexcept {
  if (sleeping_.load(std::memory_order_seq_cst) &&
      sleeping_.exchange(false, std::memory_order_seq_cst)) {
    reactor_->wake();
  }
}

/// Something to run or to flush.
bool Shard::has_work() const noexcept { return !ready_.empty() || turn_ends_.linked(); }

/// Looks at all that other threads may have left here since the turn began.
bool Shard::something_came() noexcept {
  pool_.collect_foreign();  // tells who waits for memory, and that makes them ready
  return has_work() || mailbox_->pending() || signals_.load(std::memory_order_seq_cst) != 0;
}

/// All that this shard has done, by what does not depend on how often it looked.
std::uint64_t Shard::work() const noexcept {
  const reactor::ReactorStats& reactor = reactor_->stats();
  const std::uint64_t messages = reactor.datagrams + stats_.calls_received + stats_.timers_due;
  return reactor.bytes + message_work * messages;
}

/// Whether it is worth while; counts the wait.
bool Shard::may_spin() noexcept {
  if (spin_trial_ == nullptr) return spin_ > Duration::zero();
  if (spin_trial_->is_due()) {
    spin_trial_->end_stretch({.cpu = reactor::Trial::thread_cpu(), .work = work()});
  }
  spin_trial_->count();
  return spin_trial_->is_other();
}

/// True when something came before the spinning time was over.
bool Shard::spin() noexcept {
  ++stats_.spins;
  const TimePoint end = deadline_after(Clock::now(), spin_);
  while (Clock::now() < std::min(end, timers_.next_deadline())) {
    reactor_->poll(TimePoint::min());
    if (something_came()) {
      ++stats_.spins_won;
      return true;
    }
    relax();
  }
  return false;
}

void Shard::wait() noexcept {
  if (has_work()) {
    reactor_->poll(TimePoint::min());
  } else if (!may_spin() || !spin()) {
    block();
  }
  turn_time_known_ = false;
}

void Shard::block() noexcept {
  trim_later();
  // Announce, look again, sleep: whoever leaves something after the look sees the announcement and
  // wakes. The fence is for looks that are plain loads.
  sleeping_.store(true, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  reactor_->poll(something_came() ? TimePoint::min() : timers_.next_deadline());
  sleeping_.store(false, std::memory_order_relaxed);
}

/// More than what is worth keeping warm.
bool Shard::has_spare_memory() const noexcept {
  return pool_.slabs_free() > spare_slabs_max || reactor_->has_spare_memory();
}

/// A shard that falls idle after a burst wakes up to give memory back, until it has no more to
/// spare; then it sleeps for good. By an alarm, because it is asked for at each sleep: a deadline
/// there would cost a short turn a tenth of its time.
void Shard::trim_later() noexcept {
  if (trim_.expected || !has_spare_memory()) return;
  trim_.expected = reactor_->set_alarm(Clock::now() + trim_interval, trim_);
}

void Shard::Trim::run() noexcept {
  expected = false;
  shard_.reactor_->trim();
  shard_.pool_.trim_unused();
}

ShardStats Shard::stats() const noexcept {
  ShardStats stats = stats_;
  const reactor::ReactorStats& reactor = reactor_->stats();
  stats.system_calls = reactor.system_calls;
  stats.completions = reactor.completions;
  stats.sends = reactor.sends;
  stats.receives = reactor.receives;
  stats.receive_pauses = reactor.buffers_wanted;
  stats.queue_overflows = reactor.queue_overflows;
  stats.wakes = reactor.wakes;
  stats.buffers = pool_.stats();
  return stats;
}

}  // namespace weir
