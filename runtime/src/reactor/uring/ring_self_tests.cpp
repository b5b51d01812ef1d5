// Self-tests of the ring itself.
#include <poll.h>

#include <cerrno>
#include <chrono>

#include "reactor/uring/self_test_bench.h"
#include "reactor/uring/uapi.h"

namespace weir::reactor {

/// Set up, and one request through it: a filter may forbid any of the system calls.
Verdict test_ring() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) {
    return refused(opened.error() == Error::unsupported ? EINVAL : opened.error().value());
  }
  io_uring_prep_nop(&bench.entry());
  if (const int result = bench.ring().enter({.collect = true}); result < 0) return refused(-result);
  if (!bench.ring().has_completions())
    return misbehaves("a request without an effect does not end");
  return {};
}

Verdict test_deferred_completions() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  if ((bench.ring().setup_flags() & IORING_SETUP_DEFER_TASKRUN) == 0) return refused(EINVAL);
  const auto pair = make_unix_pair();
  if (!pair) return refused(pair.error().value());
  io_uring_prep_poll_add(&bench.entry(), pair->ours.get(), POLLIN);
  if (!bench.run().empty()) return misbehaves("completes before there is reason to");

  send_text(pair->theirs.get(), "x");

  if (bench.ring().has_completions()) return misbehaves("completes without being asked");
  if (!bench.ring().may_collect()) return misbehaves("does not tell that there is something to do");
  if (bench.run().size() != 1) return misbehaves("does not complete when asked");
  return {};
}

Verdict test_registered_ring() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  if (!bench.ring().registered()) return refused(EINVAL);
  io_uring_prep_nop(&bench.entry());
  if (bench.run().size() != 1) return misbehaves("a request through it does not end");
  return {};
}

Verdict test_wait_timeout() {
  using Clock = std::chrono::steady_clock;
  constexpr auto timeout_duration = std::chrono::microseconds(10);
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  __kernel_timespec timeout{.tv_sec = 0,
                            .tv_nsec = std::chrono::nanoseconds(timeout_duration).count()};

  const auto begin = Clock::now();
  const int result = bench.ring().enter({.wait = true, .timeout = &timeout});
  const auto waited = Clock::now() - begin;

  if (result != -ETIME)
    return result < 0 ? refused(-result) : misbehaves("does not say that time is up");
  if (waited < timeout_duration) return misbehaves("returns too early");
  return {};
}

Verdict test_no_iowait() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  if ((bench.ring().features() & uapi::feature_no_iowait) == 0) return refused(EINVAL);
  io_uring_prep_nop(&bench.entry());
  const int result = bench.ring().enter({.wait = true});
  return result < 0 ? refused(-result) : Verdict{};
}

Verdict test_cancel() {
  constexpr std::uint64_t victim = 1;
  constexpr std::uint64_t request = 2;
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  const auto pair = make_unix_pair();
  if (!pair) return refused(pair.error().value());
  io_uring_sqe& poll = bench.entry();
  io_uring_prep_poll_add(&poll, pair->ours.get(), POLLIN);
  poll.user_data = victim;
  bench.run();

  io_uring_sqe& cancel = bench.entry();
  io_uring_prep_cancel64(&cancel, victim, 0);
  cancel.user_data = request;
  const auto completions = bench.run();

  bool cancelled = false;
  bool answered = false;
  for (const auto& completion : completions) {
    if (completion.user_data == victim) cancelled = completion.result == -ECANCELED;
    if (completion.user_data == request) answered = completion.result == 0;
  }
  if (!answered) return misbehaves("the request is not found");
  if (!cancelled) return misbehaves("what was cancelled does not end");
  return {};
}

}  // namespace weir::reactor
