// The poll operations of a shard: an epoll set of their own inside the main one.
//
// Polled descriptors belong to others, who may poll one twice at a time, or poll one that is a
// socket of ours: in a set of their own they never meet a registration of the main set. It is made
// with the first poll operation. Registrations are one-shot and known by descriptor number: armed
// while an operation waits, silent afterwards, without a pointer to anything that may be gone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "reactor/epoll/epoll_set.h"
#include "reactor/operation.h"

namespace weir::reactor {

class PollSet {
 public:
  PollSet() = default;
  PollSet(const PollSet&) = delete;
  PollSet& operator=(const PollSet&) = delete;

  /// Makes the inner set and registers it with `outer`, level-triggered and known by `tag()`, if
  /// that has not been done. \returns 0 or the errno
  [[nodiscard]] int open_in(EpollSet& outer, std::uint64_t& system_calls) noexcept;

  /// Arms the descriptor for `operation` and those that wait on it already.
  /// \returns 0: it waits. Else the errno, and it was not taken in: EPERM for what has no readiness
  /// to
  ///          wait for (a regular file).
  [[nodiscard]] int add(PollOperation& operation, std::uint64_t& system_calls) noexcept;

  /// Takes a waiting operation out.
  void remove(PollOperation& operation, std::uint64_t& system_calls) noexcept;

  /// Looks for events, without waiting, and moves the operations that have one to `ripe`, with the
  /// events or the -errno as their result. To be called when the outer set reports this one.
  void harvest(OperationList& ripe, std::uint64_t& system_calls) noexcept;

  [[nodiscard]] const void* tag() const noexcept { return this; }

 private:
  static constexpr std::size_t bucket_count = 64;

  [[nodiscard]] OperationList& bucket_of(int fd) noexcept {
    return buckets_[static_cast<std::size_t>(fd) % bucket_count];
  }
  [[nodiscard]] std::uint32_t events_wanted(int fd) noexcept;
  [[nodiscard]] int arm(int fd, std::uint32_t events, std::uint64_t& system_calls) noexcept;
  void take_ripe(int fd, short events, OperationList& ripe) noexcept;
  void rearm(int fd, OperationList& ripe, std::uint64_t& system_calls) noexcept;

  std::optional<EpollSet> inner_;
  std::array<OperationList, bucket_count> buckets_;
  std::array<epoll_event, EpollSet::events_max> events_;
};

}  // namespace weir::reactor
