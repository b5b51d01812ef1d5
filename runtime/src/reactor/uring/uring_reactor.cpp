#include "reactor/uring/uring_reactor.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "reactor/uring/operation_bits.h"
#include "reactor/uring/probe.h"
#include "reactor/uring/uring_factory.h"
#include "reactor/uring/user_data.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

constexpr unsigned cancel_margin_max = 16;

__kernel_timespec timespec_of(std::chrono::nanoseconds time) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
}

}  // namespace

UringOptions UringOptions::from(const UringProbe& probe) noexcept {
  UringOptions options;
  options.ring.defer_taskrun = probe.defer_taskrun;
  options.ring.register_ring = probe.registered_ring;
  options.ring.no_iowait = probe.no_iowait;
  options.incremental_buffers = probe.incremental_buffers;
  options.reorder_buffers = probe.buffer_reordering;
  options.multishot_receive = probe.multishot_receive;
  options.multishot_accept = probe.multishot_accept;
  options.multishot_datagrams = probe.multishot_datagrams;
  options.instant_sends = probe.instant_send;
  options.many_sends = many_sends_probed;
  return options;
}

UringOptions UringOptions::probed() { return from(probe_uring()); }

Result<std::unique_ptr<Reactor>> make_uring_reactor(const ReactorOptions& options) {
  return make_uring_reactor(options, UringOptions::probed());
}

Result<std::unique_ptr<Reactor>> make_uring_reactor(const ReactorOptions& options,
                                                    const UringOptions& uring) {
  auto reactor = std::make_unique<UringReactor>(options, uring);
  if (const auto opened = reactor->open(); !opened) {
    // What the kernel does not know it calls invalid.
    return opened.error() == std::errc::invalid_argument ? fail(Error::unsupported)
                                                         : fail(opened.error());
  }
  return reactor;
}

UringReactor::UringReactor(const ReactorOptions& options, const UringOptions& uring) noexcept
    : Reactor(options),
      uring_(uring),
      buffers_(ring_, pool_),
      datagrams_(pool_),
      lone_buffers_(ring_),
      many_sends_(uring.many_sends == ManySends::tried && !options.adaptive ? ManySends::ring
                                                                            : uring.many_sends),
      calls_instead_of_ring_({.warm_up = 8192, .stretch = 512, .seed = options.trial_seed}) {}

UringReactor::~UringReactor() {
  WEIR_ASSERT(backlog_.empty() && cancels_.empty() && starved_.empty() && instant_sends_.empty());
  WEIR_ASSERT(receives_armed_ == 0 && unread_.empty() && starved_datagrams_.empty());
  WEIR_ASSERT(lone_armed_ == 0 && parked_.empty() && unsent_.empty());
}

Result<> UringReactor::open() noexcept {
  if (const auto opened = ring_.open(uring_.ring); !opened) return opened;
  cancel_margin_ = std::min(cancel_margin_max, ring_.submission_entries() / 4);
  const auto consumption = uring_.incremental_buffers ? BufferRing::Consumption::incremental
                                                      : BufferRing::Consumption::classic;
  if (const auto opened = buffers_.open(consumption, uring_.reorder_buffers); !opened)
    return opened;
  return wake_poll_.open();
}

void UringReactor::poll(Clock::time_point deadline) noexcept {
  ++stats_.polls;
  datagrams_.begin_turn();
  if (!cancels_.empty()) submit_cancels();
  if (!backlog_.empty()) submit_backlog();
  if (!wake_poll_.armed()) {
    if (io_uring_sqe* const entry = next_entry(cancel_margin_)) wake_poll_.arm(*entry);
  }
  if (!starved_.empty()) resume_starved();
  if (!parked_.empty()) serve_parked();
  if (!unread_.empty() || !starved_datagrams_.empty()) serve_waiting_datagrams();
  if (!unsent_.empty()) serve_unsent();

  const bool all_submitted = enter_once(deadline);
  collect();
  if (!all_submitted || ring_.overflowed()) return;
  settle_sends();
  is_stretch_of_sends_over_ = calls_instead_of_ring_.is_due();
}

/// \returns true if the kernel has taken every entry
bool UringReactor::enter_once(Clock::time_point deadline) noexcept {
  if (may_wait()) {
    if (deadline == Clock::time_point::max()) {
      enter({.wait = true});
      return ring_.unsubmitted() == 0;
    }
    if (deadline != Clock::time_point::min()) {
      const auto left = std::chrono::nanoseconds(deadline - Clock::now());
      if (left > std::chrono::nanoseconds::zero()) {
        __kernel_timespec timeout = timespec_of(left);
        enter({.wait = true, .timeout = &timeout});
        return ring_.unsubmitted() == 0;
      }
    }
  }
  if (ring_.unsubmitted() > 0 || ring_.may_collect()) enter({.collect = true});
  return ring_.unsubmitted() == 0;
}

/// Nothing is known that has to be done first.
bool UringReactor::may_wait() const noexcept {
  // A source that starved and found memory again has been submitted; if others of them wait, it is
  // for their turn, unless the memory is out.
  const bool starved_may_go_on = !starved_.empty() && !slab_wait_.is_waiting();
  return ready_.empty() && may_settle_later() && backlog_.empty() && cancels_.empty() &&
         !starved_may_go_on && may_leave_datagrams() && !ring_.has_completions();
}

/// One system call, counted.
void UringReactor::enter(const Ring::Enter& how) noexcept {
  if (receives_armed_ > 0) buffers_.provide();
  ++stats_.system_calls;
  const int result = ring_.enter(how);
  if (result == -EBADR) [[unlikely]] {
    detail::fatal(
        "io_uring lost a completion: its queue was full and the kernel had no memory to keep the "
        "overflow (EBADR); give the system or the cgroup more memory, or use the epoll backend");
  }
  // EBUSY and EAGAIN: the kernel is short of room or memory; the entries stay queued until the next
  // time. ETIME and EINTR: nothing came. Anything else is a mistake of ours.
  WEIR_ASSERT(result >= 0 || result == -EBUSY || result == -EAGAIN || result == -ETIME ||
              result == -EINTR || result == -ENOMEM);
  if (ring_.unsubmitted() == 0) scratch_.reset();
}

/// Takes all completions, and those that the kernel could not yet deliver.
void UringReactor::collect() noexcept {
  ring_.for_each_completion([this](const Completion& completion) { dispatch(completion); });
  for (int round = 0; round < rounds_max && ring_.overflowed(); ++round) {
    ++stats_.queue_overflows;
    enter({.collect = true});
    ring_.for_each_completion([this](const Completion& completion) { dispatch(completion); });
  }
}

void UringReactor::dispatch(const Completion& completion) noexcept {
  ++stats_.completions;
  const UserData user_data(completion.user_data);
  switch (user_data.tag()) {
    case CompletionTag::operation:
      return deliver(user_data.operation(), completion);
    case CompletionTag::cancel:
      return cancel_answered(user_data.operation(), completion.result);
    case CompletionTag::wake:
      ++stats_.wakes;
      return wake_poll_.acknowledge(completion);
    case CompletionTag::alarm:
      return ready_.push(*std::exchange(alarm_, nullptr));
  }
  WEIR_UNREACHABLE();
}

void UringReactor::deliver(Operation& operation, const Completion& completion) noexcept {
  WEIR_ASSERT(operation.in_flight() && !has(operation, OperationBit::ended));
  if (operation.kind() == OperationKind::receive) {
    deliver_receive(static_cast<ReceiveSource&>(operation), completion);
  } else if (operation.kind() == OperationKind::accept) {
    deliver_accept(static_cast<AcceptSource&>(operation), completion);
  } else if (operation.kind() == OperationKind::receive_datagrams) {
    deliver_datagrams(static_cast<DatagramSource&>(operation), completion);
  } else {
    WEIR_ASSERT(!completion.more());
  }
  if (!completion.more()) last_completion(operation, completion.result);
}

bool UringReactor::set_alarm(Clock::time_point when, Runnable& alarm) noexcept {
  WEIR_ASSERT(alarm_ == nullptr);
  io_uring_sqe* const entry = next_entry(cancel_margin_);
  if (entry == nullptr) return false;
  alarm_ = &alarm;
  alarm_time_ = timespec_of(when.time_since_epoch());
  // Absolute times are those of CLOCK_MONOTONIC, which is the steady clock's.
  io_uring_prep_timeout(entry, &alarm_time_, 0, IORING_TIMEOUT_ABS);
  entry->user_data = UserData(CompletionTag::alarm, nullptr).bits();
  return true;
}

void UringReactor::close_now(Descriptor& descriptor) noexcept {
  ++stats_.system_calls;
  drop_parked(descriptor);
  // The descriptor is gone whatever close returns; EINTR too, on Linux.
  ::close(descriptor.fd);
  descriptor.fd = -1;
}

void UringReactor::forget(Descriptor& descriptor) noexcept {
  drop_parked(descriptor);
  descriptor.fd = -1;
}

void UringReactor::trim() noexcept {
  buffers_.trim();
  datagrams_.trim();
  if (lone_buffers_.has_grown() && parked_.empty()) lone_buffers_.trim();
}

bool UringReactor::has_spare_memory() const noexcept {
  return buffers_.has_grown() || datagrams_.has_spare_memory() || lone_buffers_.has_grown();
}

}  // namespace weir::reactor
