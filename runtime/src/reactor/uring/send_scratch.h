// Message headers and gather lists of the sends that are queued for submission.
//
// The kernel copies both while it takes the submission entry (IORING_FEAT_SUBMIT_STABLE), so one
// place for all sends of a turn suffices: a stream carries none.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <span>

#include "weir/base/assert.h"

namespace weir::reactor {

class SendScratch {
 public:
  /// Buffers in one gather. More stay in the queue for the next send.
  static constexpr std::size_t gather_max = 64;

  /// True if another gather of any size fits. If not: submit, then `reset`.
  [[nodiscard]] bool has_room() const noexcept {
    return messages_used_ < messages_.size() && vectors_.size() - vectors_used_ >= gather_max;
  }

  /// A header whose gather list are `vectors`, which must be those of `free_vectors()`, cut.
  [[nodiscard]] msghdr& take(std::span<iovec> vectors) noexcept {
    WEIR_ASSERT(has_room() && vectors.data() == vectors_.data() + vectors_used_);
    msghdr& message = messages_[messages_used_++];
    message = {};
    message.msg_iov = vectors.data();
    message.msg_iovlen = vectors.size();
    vectors_used_ += vectors.size();
    return message;
  }

  [[nodiscard]] std::span<iovec> free_vectors() noexcept {
    return {vectors_.data() + vectors_used_, gather_max};
  }

  /// Every entry that refers to it has been submitted.
  void reset() noexcept { messages_used_ = vectors_used_ = 0; }

 private:
  std::size_t messages_used_ = 0;
  std::size_t vectors_used_ = 0;
  std::array<msghdr, 256> messages_;
  std::array<iovec, 2048> vectors_;
};

}  // namespace weir::reactor
