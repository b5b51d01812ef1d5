#include "reactor/epoll/epoll_set.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>

#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

constexpr timespec no_time{0, 0};

/// Tried, not looked up: what matters is what this process may do. Old seccomp profiles answer
/// EPERM.
bool try_nanoseconds(int epoll_fd) noexcept {
  epoll_event event;
  int result;
  do {
    result = ::epoll_pwait2(epoll_fd, &event, 1, &no_time, nullptr);
  } while (result < 0 && errno == EINTR);
  return result >= 0;
}

/// The epoch and what lies before it are ways to say "do not wait"; they need no look at the clock.
bool is_past(Clock::time_point deadline) noexcept {
  return deadline.time_since_epoch() <= Clock::duration::zero();
}

}  // namespace

timespec time_until(Clock::time_point deadline) noexcept {
  if (is_past(deadline)) return no_time;
  const Clock::duration rest = std::max(deadline - Clock::now(), Clock::duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(rest);
  return {.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(rest - seconds).count()};
}

int milliseconds_until(Clock::time_point deadline) noexcept {
  if (deadline == Clock::time_point::max()) return -1;
  const timespec rest = time_until(deadline);
  constexpr std::int64_t seconds_max = std::numeric_limits<int>::max() / 1000 - 1;
  if (rest.tv_sec >= seconds_max) return static_cast<int>(seconds_max * 1000);
  return static_cast<int>(rest.tv_sec * 1000 + (rest.tv_nsec + 999'999) / 1'000'000);
}

Result<EpollSet> EpollSet::open() {
  OwnedFd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno);
  const bool has_nanoseconds = try_nanoseconds(fd.get());
  return EpollSet(std::move(fd), has_nanoseconds);
}

int EpollSet::add(int fd, std::uint32_t events, epoll_data_t data) noexcept {
  epoll_event event{.events = events, .data = data};
  return ::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

int EpollSet::modify(int fd, std::uint32_t events, epoll_data_t data) noexcept {
  epoll_event event{.events = events, .data = data};
  return ::epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event) == 0 ? 0 : errno;
}

int EpollSet::remove(int fd) noexcept {
  epoll_event unused{};
  return ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, &unused) == 0 ? 0 : errno;
}

std::span<const epoll_event> EpollSet::wait(Clock::time_point deadline,
                                            std::array<epoll_event, events_max>& events,
                                            std::uint64_t& system_calls) noexcept {
  while (true) {
    ++system_calls;
    int count;
    if (has_nanoseconds_) [[likely]] {
      const bool endless = deadline == Clock::time_point::max();
      const timespec rest = endless ? no_time : time_until(deadline);
      count =
          ::epoll_pwait2(fd_.get(), events.data(), events_max, endless ? nullptr : &rest, nullptr);
    } else {
      count = ::epoll_wait(fd_.get(), events.data(), events_max, milliseconds_until(deadline));
    }
    if (count >= 0) [[likely]]
      return {events.data(), static_cast<std::size_t>(count)};
    WEIR_ASSERT(errno == EINTR);
  }
}

}  // namespace weir::reactor
