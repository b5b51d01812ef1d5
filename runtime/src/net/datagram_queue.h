// What a UDP socket has received and nobody has taken: one queue with one bound, whether it is
// taken whole or one by one.
//
//     inbox of the source   | taken | taken | a train, in part | train | train |
//                                           ^ next_ (offset_ inside it)        ^ the reactor
//                                           appends
//
// Bytes count until they are taken; of a train that is taken one by one, until its last is, or
// until the queue overflows. Precondition of every policy but `pause`: the source has read at most
// a turn beyond the limit.
#pragma once

#include <cstddef>

#include "reactor/datagram/datagram_operation.h"
#include "weir/net/datagram.h"
#include "weir/net/udp_options.h"

namespace weir::detail {

class DatagramQueue {
 public:
  /// Sets up the source, which outlives the queue.
  DatagramQueue(reactor::DatagramSource& source, const UdpOptions& options) noexcept;

  [[nodiscard]] bool empty() const noexcept { return next_ == source_.inbox.size(); }
  [[nodiscard]] OverflowPolicy overflow() const noexcept { return overflow_; }

  /// Drops what is beyond the limit, unless the policy is to pause.
  void apply_overflow_policy() noexcept;

  [[nodiscard]] DatagramBatch take_all() noexcept;
  /// Precondition: not empty.
  [[nodiscard]] DatagramTrain take_one() noexcept;
  void clear() noexcept;

 private:
  void leave_begun() noexcept;
  void drop_newest() noexcept;
  void drop_oldest() noexcept;
  void step() noexcept;
  void forget_taken() noexcept;

  reactor::DatagramSource& source_;
  OverflowPolicy overflow_;
  std::size_t bytes_max_;
  std::size_t next_ = 0;
  std::size_t offset_ = 0;
};

}  // namespace weir::detail
