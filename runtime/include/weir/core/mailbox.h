// Messages between shards: one single-producer single-consumer ring a pair of shards.
//
// A ring is made when its pair first speaks. It never fills: what may be under way between two
// shards is bounded by credits (below), and a request without a credit waits at its sender. Mail is
// embedded in the sender's coroutine frame, answers come back in the same piece of mail: nothing is
// allocated, and what was allocated at home is freed at home. A receiver scans only rings whose bit
// is set, so quiet pairs cost nothing; a sender wakes a receiver only if that sleeps.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "weir/base/assert.h"

namespace weir {
class Shard;
}

namespace weir::detail {

/// Something that travels to another shard and is delivered there. Owned by its sender throughout.
class Mail {
 public:
  Mail() = default;
  Mail(const Mail&) = delete;
  Mail& operator=(const Mail&) = delete;

  /// On the receiving shard's thread.
  virtual void deliver() noexcept = 0;

 protected:
  ~Mail() = default;

 private:
  friend class Mailbox;
  Mail* next_ = nullptr;  ///< at the sender, while it waits for a credit
  bool kept_ = false;     ///< it does
};

/// Requests that one shard may have under way at another.
inline constexpr std::size_t mail_credits = 128;

/// Wait-free ring of pointers. Each pair direction carries at most: requests, their cancellations,
/// answers to the other's requests, acknowledgements of the other's cancellations: `mail_credits`
/// of each, because a request keeps its credit until both its answer and the acknowledgement of its
/// cancellation have come.
class MailRing {
 public:
  static constexpr std::size_t capacity = 4 * mail_credits;

  void push(Mail& mail) noexcept {
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    WEIR_ASSERT(tail - head_.load(std::memory_order_acquire) < capacity);
    slots_[tail % capacity] = &mail;
    tail_.store(tail + 1, std::memory_order_release);
  }

  /// Null when empty.
  [[nodiscard]] Mail* pop() noexcept {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return nullptr;
    Mail* const mail = slots_[head % capacity];
    head_.store(head + 1, std::memory_order_release);
    return mail;
  }

 private:
  alignas(64) std::atomic<std::uint32_t> head_ = 0;
  alignas(64) std::atomic<std::uint32_t> tail_ = 0;
  alignas(64) std::array<Mail*, capacity> slots_{};
};

/// What one shard receives from all others, and its credits with them.
class Mailbox {
 public:
  static constexpr unsigned shards_max = 256;

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  /// \name On the owner's thread.
  /// @{
  /// Sends a request, or keeps it until an earlier one to the same shard is answered.
  void send_request(Shard& target, Mail& mail) noexcept;
  /// One of this shard's requests is over, its answer here and nothing of it under way any more:
  /// its credit serves the next.
  void request_completed(Shard& target) noexcept;
  /// Takes back a request that is still kept here. O(requests kept).
  void withdraw_request(Shard& target, Mail& mail) noexcept;
  /// Sends what needs no credit: an answer, a cancellation of an unanswered request, its
  /// acknowledgement.
  void send(Shard& target, Mail& mail) noexcept;
  /// True while a request waits here for a credit; false once it is under way.
  [[nodiscard]] static bool keeps(const Mail& mail) noexcept { return mail.kept_; }
  /// Delivers all that has come; returns how many.
  std::size_t deliver_all() noexcept;
  /// @}

  /// Anything to deliver? Sequentially consistent: part of the sleep protocol.
  [[nodiscard]] bool pending() const noexcept;

 private:
  struct Outgoing {
    std::size_t under_way = 0;
    Mail* first_waiting = nullptr;
    Mail* last_waiting = nullptr;
  };

  void receive_from(unsigned source) noexcept;
  Outgoing& outgoing(unsigned target);

  std::array<std::atomic<MailRing*>, shards_max> rings_{};  ///< by source; made by the source
  std::array<std::atomic<std::uint64_t>, shards_max / 64> pending_{};
  std::unique_ptr<std::array<Outgoing, shards_max>> outgoing_;
  std::size_t delivered_ = 0;
};

}  // namespace weir::detail
