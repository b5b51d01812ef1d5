// One epoll instance: what is registered with it, and the wait.
//
// The wait takes nanoseconds (epoll_pwait2, Linux 5.11); where the kernel or a seccomp profile
// refuses that it takes milliseconds, rounded up so that it never returns before its deadline.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <span>

#include "reactor/owned_fd.h"
#include "reactor/reactor.h"
#include "weir/base/result.h"

namespace weir::reactor {

class EpollSet {
 public:
  /// Events that one wait returns at the most.
  static constexpr std::size_t events_max = 256;

  /// Fails with the system's error: no descriptors left, no memory.
  [[nodiscard]] static Result<EpollSet> open();

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] bool valid() const noexcept { return fd_.valid(); }

  /// \name epoll_ctl: 0 or the errno. The caller counts the system call.
  /// @{
  [[nodiscard]] int add(int fd, std::uint32_t events, epoll_data_t data) noexcept;
  [[nodiscard]] int modify(int fd, std::uint32_t events, epoll_data_t data) noexcept;
  int remove(int fd) noexcept;
  /// @}

  /// Waits for events until `deadline`; not at all if it has passed. Counts its system calls: one,
  /// more only when signals interrupt it.
  [[nodiscard]] std::span<const epoll_event> wait(Clock::time_point deadline,
                                                  std::array<epoll_event, events_max>& events,
                                                  std::uint64_t& system_calls) noexcept;

  /// Whether waits take nanoseconds here.
  [[nodiscard]] bool has_nanoseconds() const noexcept { return has_nanoseconds_; }
  /// For tests of the fall-back.
  void use_milliseconds() noexcept { has_nanoseconds_ = false; }

 private:
  EpollSet(OwnedFd fd, bool has_nanoseconds) noexcept
      : fd_(std::move(fd)), has_nanoseconds_(has_nanoseconds) {}

  OwnedFd fd_;
  bool has_nanoseconds_;
};

/// The rest of the time until `deadline`, never negative.
[[nodiscard]] timespec time_until(Clock::time_point deadline) noexcept;
/// In milliseconds as epoll_wait(2) takes them: rounded up, -1 for no deadline.
[[nodiscard]] int milliseconds_until(Clock::time_point deadline) noexcept;

}  // namespace weir::reactor
