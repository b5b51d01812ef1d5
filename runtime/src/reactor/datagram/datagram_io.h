// The receiver and the sender of a reactor's datagram sockets, made with the first one that needs
// them: together they are some 40 KiB.
#pragma once

#include <memory>

#include "reactor/datagram/datagram_receiver.h"
#include "reactor/datagram/datagram_sender.h"

namespace weir::reactor {

class DatagramIo {
 public:
  /// `pool` outlives it.
  explicit DatagramIo(BufferPool& pool) noexcept : pool_(pool) {}

  [[nodiscard]] DatagramReceiver& receiver() {
    if (receiver_ == nullptr) receiver_ = std::make_unique<DatagramReceiver>(pool_);
    return *receiver_;
  }
  [[nodiscard]] DatagramSender& sender() {
    if (sender_ == nullptr) sender_ = std::make_unique<DatagramSender>();
    return *sender_;
  }
  void begin_turn() noexcept {
    if (sender_ != nullptr) sender_->begin_turn();
  }
  [[nodiscard]] bool has_spare_memory() const noexcept {
    return receiver_ != nullptr && receiver_->has_spare_memory();
  }
  void trim() noexcept {
    if (receiver_ != nullptr) receiver_->trim();
  }

 private:
  BufferPool& pool_;
  std::unique_ptr<DatagramReceiver> receiver_;
  std::unique_ptr<DatagramSender> sender_;
};

}  // namespace weir::reactor
