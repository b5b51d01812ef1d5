// Packets on their way: first in, first out, each due a fixed delay after it arrived.
//
//     room() ---- push(bytes, arrived) ----> | due | due | due | ---- front(), pop() ---->
//
// No I/O and no clock: the caller reads packets into `room`, says when they arrived, and asks what
// is due. The memory is taken once; its pages are touched as the queue grows into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "weir/weir.h"

namespace delay_relay {

struct DelayQueueOptions {
  weir::Duration delay{};        ///< from arrival to due
  std::size_t packets_max;       ///< at least 1; what comes while so many wait is dropped
  std::size_t packet_bytes_max;  ///< at least 1
};

struct DelayedPacket {
  std::span<const std::byte> bytes;  ///< valid until `pop`
  weir::TimePoint due;
};

/// Invariants: size() <= packets_max; due times never decrease from front to back.
class DelayQueue {
 public:
  explicit DelayQueue(const DelayQueueOptions& options);

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// The most packets that have waited at once.
  [[nodiscard]] std::size_t size_max() const noexcept { return size_max_; }
  [[nodiscard]] std::uint64_t dropped_count() const noexcept { return dropped_count_; }

  /// Where the next packet is to be written, `packet_bytes_max` long. There when the queue is full
  /// as well: a packet has to be taken out of a device to be dropped.
  [[nodiscard]] std::span<std::byte> room() noexcept { return slot(first_ + size_); }

  /// The first `bytes` of `room` are a packet that arrived then. Arrivals come in order.
  /// \returns false if the queue is full: the packet is dropped, as a router drops the newest, and
  ///          counted
  bool push(std::size_t bytes, weir::TimePoint arrived) noexcept;

  /// TimePoint::max() while the queue is empty.
  [[nodiscard]] weir::TimePoint next_due() const noexcept {
    return empty() ? weir::TimePoint::max() : entries_[first_].due;
  }
  /// The packet that is due first. Precondition: not empty.
  [[nodiscard]] DelayedPacket front() noexcept;
  /// Precondition: not empty.
  void pop() noexcept;

 private:
  struct Entry {
    std::size_t bytes;
    weir::TimePoint due;
  };
  [[nodiscard]] std::size_t wrapped(std::size_t index) const noexcept {
    return index < entries_.size() ? index : index - entries_.size();
  }
  [[nodiscard]] std::span<std::byte> slot(std::size_t index) noexcept {
    return {memory_.get() + wrapped(index) * packet_bytes_max_, packet_bytes_max_};
  }

  const weir::Duration delay_;
  const std::size_t packet_bytes_max_;
  std::vector<Entry> entries_;  ///< a ring of packets_max, and one more that is always free
  std::unique_ptr<std::byte[]> memory_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::size_t size_max_ = 0;
  std::uint64_t dropped_count_ = 0;
};

}  // namespace delay_relay
