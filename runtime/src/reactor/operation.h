// The closed set of things a shard asks of the kernel.
//
// Each operation is a struct inside the awaiter or socket that wants it: starting one allocates
// nothing. It is immovable and owns, or keeps alive, all that the kernel may touch. One-shot
// operations complete exactly once; sources deliver until they end. Completion makes the operation
// ready (`Runnable`): the shard runs it later, never inside `start` or `poll`.
//
//     idle --start--> submitted --completion--> idle (result set, run() follows)
//                         |                       ^
//                         +--cancel--> cancelling-+
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "weir/base/assert.h"
#include "weir/base/chain.h"
#include "weir/core/runnable.h"
#include "weir/net/address.h"

namespace weir::reactor {

struct Descriptor;

enum class OperationKind : std::uint8_t {
  connect,
  send,
  receive_into,
  poll_fd,
  close,
  accept,             // source
  receive,            // source
  receive_datagrams,  // source: datagram/datagram_operation.h
  send_datagrams,     // the same
};

/// What all operations share. The reactor writes `result` and the state; the owner reads them in
/// `run`.
class Operation : public Runnable {
 public:
  enum class State : std::uint8_t { idle, submitted, cancelling };

  [[nodiscard]] OperationKind kind() const noexcept { return kind_; }
  [[nodiscard]] State state() const noexcept { return state_; }
  /// The kernel, or the reactor on its behalf, still works on it: it must not move or be destroyed.
  [[nodiscard]] bool in_flight() const noexcept { return state_ != State::idle; }
  [[nodiscard]] Descriptor& descriptor() const noexcept { return *descriptor_; }

 protected:
  Operation(OperationKind kind, Descriptor& descriptor) noexcept
      : descriptor_(&descriptor), kind_(kind) {}
  ~Operation() { WEIR_ASSERT(!in_flight()); }

 private:
  friend class OperationList;
  friend class Reactor;

  Operation* list_next_ =
      nullptr;  ///< in a list of the reactor: waiting for an SQE, for a buffer ...
  Operation* list_prev_ = nullptr;
  Descriptor* descriptor_;

 public:
  /// After completion: >= 0 as the system call would return; < 0 a negated errno (-ECANCELED:
  /// cancelled).
  int result = 0;

 private:
  OperationKind kind_;
  State state_ = State::idle;

 public:
  /// For the backend alone: what it has to remember of this operation.
  std::uint8_t backend_bits = 0;
};

/// Intrusive list of operations; an operation is in one list at most.
class OperationList {
 public:
  OperationList() = default;
  OperationList(const OperationList&) = delete;
  OperationList& operator=(const OperationList&) = delete;
  ~OperationList() { WEIR_ASSERT(empty()); }

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] Operation* front() const noexcept { return first_; }

  void push_back(Operation& operation) noexcept {
    operation.list_next_ = nullptr;
    operation.list_prev_ = last_;
    (last_ == nullptr ? first_ : last_->list_next_) = &operation;
    last_ = &operation;
    ++size_;
  }

  void remove(Operation& operation) noexcept {
    (operation.list_prev_ == nullptr ? first_ : operation.list_prev_->list_next_) =
        operation.list_next_;
    (operation.list_next_ == nullptr ? last_ : operation.list_next_->list_prev_) =
        operation.list_prev_;
    operation.list_next_ = operation.list_prev_ = nullptr;
    --size_;
  }

  template <typename Test>
  [[nodiscard]] bool any_of(Test&& test) const noexcept {
    for (const Operation* at = first_; at != nullptr; at = at->list_next_) {
      if (test(*at)) return true;
    }
    return false;
  }

  Operation& pop_front() noexcept {
    Operation& first = *first_;
    remove(first);
    return first;
  }

 private:
  Operation* first_ = nullptr;
  Operation* last_ = nullptr;
  std::size_t size_ = 0;
};

/// connect(2). The descriptor is an unconnected stream socket. result: 0 or -errno.
class ConnectOperation : public Operation {
 public:
  ConnectOperation(Descriptor& descriptor, const Address& address) noexcept
      : Operation(OperationKind::connect, descriptor), peer(address) {}
  Address peer;
};

/// Gathers the front of `queue` and sends it: result is the number of bytes the kernel took (at
/// least 1, at most `bytes`), or -errno. While in flight the queue may be appended to, not
/// otherwise changed.
class SendOperation : public Operation {
 public:
  SendOperation(Descriptor& descriptor, const Chain& out_queue) noexcept
      : Operation(OperationKind::send, descriptor), queue(&out_queue) {}
  /// Somebody waits for the completion. If nobody does, the reactor may save a system call and tell
  /// it together with whatever it has to tell next, however late that is. May be set while in
  /// flight.
  bool awaited = true;
  const Chain* queue;
  std::size_t bytes = 0;  ///< set by start: how much of the queue's front this send covers
};

/// One receive into the caller's memory: result is the number of bytes, 0 at end of stream, or
/// -errno.
class ReceiveIntoOperation : public Operation {
 public:
  explicit ReceiveIntoOperation(Descriptor& descriptor) noexcept
      : Operation(OperationKind::receive_into, descriptor) {}
  std::span<std::byte> destination;
};

/// Waits until the descriptor has one of the poll(2) `events` (POLLIN, POLLOUT ...; errors and
/// hang-up always count). result: the events seen, or -errno. For descriptors that are not sockets
/// of ours.
class PollOperation : public Operation {
 public:
  explicit PollOperation(Descriptor& descriptor) noexcept
      : Operation(OperationKind::poll_fd, descriptor) {}
  short events = 0;
};

/// Closes the descriptor. Precondition: nothing else on it is in flight. Not cancellable. result:
/// 0.
class CloseOperation : public Operation {
 public:
  explicit CloseOperation(Descriptor& descriptor) noexcept
      : Operation(OperationKind::close, descriptor) {}
};

/// A listening socket's stream of accepted descriptors. After `start` the reactor appends to
/// `accepted` and makes the source ready, until it is stopped (`cancel`), full, or fails. Then it
/// is idle and `result` says why: 0 stopped or full, else -errno (-EMFILE ...). It can be started
/// again.
class AcceptSource : public Operation {
 public:
  explicit AcceptSource(Descriptor& descriptor) noexcept
      : Operation(OperationKind::accept, descriptor) {}
  std::vector<int> accepted;  ///< owned: taken or closed by the owner of the source
  std::size_t accepted_max =
      256;  ///< full from here on; what the kernel already took still arrives
};

/// A stream socket's received bytes. After `start` the reactor appends to `inbox` and makes the
/// source ready, until it is stopped (`cancel`), the inbox is full, the stream ends or fails. Want
/// of buffers is the reactor's business: it waits for some to come back and goes on by itself.
class ReceiveSource : public Operation {
 public:
  enum class End : std::uint8_t {
    none,           ///< running, or never started
    stopped,        ///< by cancel; can be started again
    full,           ///< inbox.size() >= inbox_bytes_max; can be started again
    end_of_stream,  ///< final
    failed,         ///< final; `result` is the -errno
  };
  explicit ReceiveSource(Descriptor& descriptor) noexcept
      : Operation(OperationKind::receive, descriptor) {}

  End end = End::none;
  Chain inbox;
  std::size_t inbox_bytes_max = 256 * 1024;  ///< what the kernel already delivered still arrives

  [[nodiscard]] bool finished() const noexcept {
    return end == End::end_of_stream || end == End::failed;
  }
};

}  // namespace weir::reactor
