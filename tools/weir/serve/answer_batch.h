// The answers to one batch of datagrams, until the kernel has taken or refused each of them.
//
//     received    | train of 3 | one | train of 2 |
//     answers     | train of 3 | one | train of 2 |      the same bytes, to whom they came from
//                        ^ refused: this datagram is skipped, the rest is sent
//
// No I/O: the caller sends `rest()` and tells `settle()` how far it came, until nothing is left.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tools/weir/serve/refused_sends.h"
#include "weir/net/datagram.h"

namespace weir::tools::serve {

/// Uses its memory again, so that after the largest batch so far nothing is allocated. Belongs to
/// one socket.
class AnswerBatch {
 public:
  /// An answer for each train of `batch`, which must outlive them. They leave from the address that
  /// was asked, where the batch says which it was.
  void fill(const DatagramBatch& batch);

  [[nodiscard]] bool empty() const noexcept { return first_ == answers_.size(); }
  /// What has still to be sent.
  [[nodiscard]] std::span<const OutgoingDatagram> rest() const noexcept {
    return std::span(answers_).subspan(first_);
  }

  /// Takes the outcome of sending `rest()`: drops what was accepted and, if one was refused, that
  /// datagram alone. Each call makes `rest()` shorter.
  void settle(const SendOutcome& outcome, RefusedSends& refused);

 private:
  std::vector<OutgoingDatagram> answers_;
  std::size_t first_ = 0;
};

}  // namespace weir::tools::serve
