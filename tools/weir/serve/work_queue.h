// WorkQueue: the requests of all connections in the order of their arrival.
//
// Bounded by its users: a request needs a permit of `room`, whoever finds none waits its turn, and
// with it the connection, whose peer then meets a closed window. Nothing is dropped.
//
// Invariant: permits of `room` that are taken >= requests in the queue.
#pragma once

#include <cstddef>
#include <deque>

#include "weir/weir.h"

namespace weir::tools::serve {

/// Who asked; gets the answer.
class WorkClient {
 public:
  WorkClient() = default;
  WorkClient(const WorkClient&) = delete;
  WorkClient& operator=(const WorkClient&) = delete;

  virtual void answer(Chain bytes) noexcept = 0;

 protected:
  virtual ~WorkClient() = default;
};

struct WorkRequest {
  WorkClient* client;  ///< null once it has gone; the work is done all the same
  Chain bytes;
  TimePoint arrival{};
};

class WorkQueue {
 public:
  /// Beyond it reading pauses. 64-byte requests then hold 4 MiB.
  static constexpr std::size_t requests_max = 65'536;

  explicit WorkQueue(std::size_t capacity = requests_max) noexcept
      : room(capacity), capacity_(capacity) {}

  /// Taken before `push`; goes back with `pop`.
  Semaphore room;

  /// Precondition: the caller has a permit of `room`.
  void push(WorkRequest request);

  /// The oldest; it stays, so that it counts as part of the queue while it is served.
  [[nodiscard]] const WorkRequest& front() const noexcept;
  /// Takes the oldest out and gives its permit back.
  [[nodiscard]] WorkRequest pop() noexcept;

  /// The client's requests stay in their places, but nobody gets the answers.
  void forget(const WorkClient& client) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return requests_.size(); }
  [[nodiscard]] bool empty() const noexcept { return requests_.empty(); }
  /// The most that there were, the one in service included.
  [[nodiscard]] std::size_t longest() const noexcept { return longest_; }

 private:
  std::deque<WorkRequest> requests_;
  std::size_t capacity_;
  std::size_t longest_ = 0;
};

}  // namespace weir::tools::serve
