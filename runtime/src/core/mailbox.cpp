#include "weir/core/mailbox.h"

#include <bit>

#include "weir/core/shard.h"

namespace weir::detail {

Mailbox::~Mailbox() {
  for (auto& ring : rings_) delete ring.load(std::memory_order_relaxed);
}

Mailbox::Outgoing& Mailbox::outgoing(unsigned target) {
  if (outgoing_ == nullptr) outgoing_ = std::make_unique<std::array<Outgoing, shards_max>>();
  return (*outgoing_)[target];
}

void Mailbox::send_request(Shard& target, Mail& mail) noexcept {
  Outgoing& to = outgoing(target.id());
  if (to.under_way < mail_credits) {
    ++to.under_way;
    send(target, mail);
    return;
  }
  mail.kept_ = true;
  mail.next_ = nullptr;
  (to.first_waiting == nullptr ? to.first_waiting : to.last_waiting->next_) = &mail;
  to.last_waiting = &mail;
}

void Mailbox::withdraw_request(Shard& target, Mail& mail) noexcept {
  WEIR_ASSERT(mail.kept_);
  Outgoing& to = outgoing(target.id());
  Mail* before = nullptr;
  Mail** link = &to.first_waiting;
  while (*link != &mail) {
    before = *link;
    link = &before->next_;
  }
  *link = mail.next_;
  if (to.last_waiting == &mail) to.last_waiting = before;
  mail.next_ = nullptr;
  mail.kept_ = false;
}

void Mailbox::request_completed(Shard& target) noexcept {
  Outgoing& to = outgoing(target.id());
  WEIR_ASSERT(to.under_way > 0);
  Mail* const next = to.first_waiting;
  if (next == nullptr) {
    --to.under_way;
    return;
  }
  to.first_waiting = next->next_;
  next->next_ = nullptr;
  next->kept_ = false;
  send(target, *next);
}

void Mailbox::send(Shard& target, Mail& mail) noexcept {
  const unsigned self = Shard::current().id();
  Mailbox& box = target.mailbox();
  MailRing* ring = box.rings_[self].load(std::memory_order_relaxed);
  if (ring == nullptr) {
    ring = new MailRing;
    box.rings_[self].store(ring, std::memory_order_release);
  }
  ring->push(mail);
  // The bit, then the question whether the target sleeps: the target announces that it sleeps, then
  // asks for bits. Both sequentially consistent, so at least one of the two sees the other.
  box.pending_[self / 64].fetch_or(std::uint64_t{1} << (self % 64), std::memory_order_seq_cst);
  target.wake_if_sleeping();
}

bool Mailbox::pending() const noexcept {
  for (const auto& word : pending_) {
    if (word.load(std::memory_order_seq_cst) != 0) return true;
  }
  return false;
}

std::size_t Mailbox::deliver_all() noexcept {
  delivered_ = 0;
  for (unsigned index = 0; index < pending_.size(); ++index) {
    if (pending_[index].load(std::memory_order_relaxed) == 0) continue;
    std::uint64_t word = pending_[index].exchange(0, std::memory_order_acquire);
    for (; word != 0; word &= word - 1) {
      receive_from(index * 64 + static_cast<unsigned>(std::countr_zero(word)));
    }
  }
  return delivered_;
}

void Mailbox::receive_from(unsigned source) noexcept {
  MailRing* const ring = rings_[source].load(std::memory_order_acquire);
  // At most one ring's capacity a turn: a chatty shard must not keep this one from its own work.
  // What is left behind keeps its bit.
  for (std::size_t count = 0; count < MailRing::capacity; ++count) {
    Mail* const mail = ring->pop();
    if (mail == nullptr) return;
    ++delivered_;
    mail->deliver();
  }
  pending_[source / 64].fetch_or(std::uint64_t{1} << (source % 64), std::memory_order_relaxed);
}

}  // namespace weir::detail
