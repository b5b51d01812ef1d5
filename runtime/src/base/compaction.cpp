#include "base/compaction.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <span>

#include "base/slab_arena.h"

namespace weir::detail {

std::size_t Compaction::run() noexcept {
  const std::size_t goal = std::max<std::size_t>(1, pool_.stats().slabs_total / 4);
  std::size_t won_total = 0;
  while (won_total < goal) {
    take_census();
    Victims victims = find_victims();
    const std::size_t won = deal_out(victims);
    if (won == 0) break;
    move_bytes();
    finish_targets();
    won_total += won;
  }
  return won_total;
}

void Compaction::for_each_chain(FunctionRef<void(Chain&)> visit) noexcept {
  const ListNode& holders = pool_.holders_;
  for (ListNode* node = holders.next(); node != &holders; node = node->next()) {
    static_cast<PoolHolder*>(node)->for_each_chain(visit);
  }
}

// Notes in each slab how many references, and how many bytes, the registered chains hold.
void Compaction::take_census() noexcept {
  for (Slab& slab : pool_.arena_->slabs()) {
    slab.held = {.refs = 0, .bytes = 0};
    if (slab.place == Slab::Place::application) slab.next = nullptr;
  }
  for_each_chain([this](Chain& chain) {
    for (const Buffer& buffer : chain) {
      Slab& slab = *buffer.slab_;
      if (slab.pool != &pool_ || slab.kind != Slab::Kind::pooled) continue;
      ++slab.held.refs;
      // Saturates: buffers may share bytes, and each gets its own copy.
      constexpr std::uint32_t max = std::numeric_limits<std::uint32_t>::max();
      slab.held.bytes += std::min(buffer.size_, max - slab.held.bytes);
    }
  });
}

bool Compaction::is_victim(const Slab& slab) const noexcept {
  return slab.place == Slab::Place::application && slab.held.refs != 0 &&
         static_cast<std::uint32_t>(slab.refs) == slab.held.refs &&
         slab.held.bytes <= slab.capacity / 2 &&
         // Changes noted elsewhere and not applied yet: the references above are not all.
         slab.remote.load(std::memory_order_relaxed) == 0;
}

Compaction::Victims Compaction::find_victims() noexcept {
  Victims victims{};
  for (Slab& slab : pool_.arena_->slabs()) {
    if (!is_victim(slab)) continue;
    Slab*& bucket = victims[static_cast<std::size_t>(std::bit_width(slab.held.bytes))];
    slab.next = bucket;
    bucket = &slab;
  }
  return victims;
}

// Gives as many victims as possible a target: Slab::next, nullptr for those that stay. \returns the
// slabs that this will win.
std::size_t Compaction::deal_out(Victims& victims) noexcept {
  Slab* target = nullptr;
  Slab* first_of_target = nullptr;  // while it is the only one
  std::size_t won = 0;
  bool has_targets = true;
  for (Slab* bucket : victims) {
    for (Slab* next = nullptr; bucket != nullptr; bucket = next) {
      next = bucket->next;
      bucket->next = nullptr;
      if (!has_targets) continue;

      const bool fits =
          target != nullptr && bucket->held.bytes <= target->capacity - target->held.bytes;
      if (!fits) {
        // Only victims of at most half a slab: the target that is left has two at least.
        target = pool_.in_use_bytes_ + pool_.slab_bytes_ <= pool_.budget_bytes_ ? pool_.take_slab()
                                                                                : nullptr;
        has_targets = target != nullptr;
        if (!has_targets) continue;
        target->is_compaction_target = true;
        target->held = {.refs = 0, .bytes = 0};
        first_of_target = bucket;
      } else {
        first_of_target = nullptr;
        ++won;
      }
      bucket->next = target;
      target->held.bytes += bucket->held.bytes;
    }
  }
  // One victim alone would only change places.
  if (first_of_target != nullptr) {
    Slab* const unneeded = first_of_target->next;
    first_of_target->next = nullptr;
    unneeded->is_compaction_target = false;
    unneeded->release();
  }
  return won;
}

void Compaction::move_bytes() noexcept {
  // From here on the bytes a target holds are those already copied to it.
  for (Slab& slab : pool_.arena_->slabs()) {
    if (slab.is_compaction_target) slab.held.bytes = 0;
  }
  for_each_chain([this](Chain& chain) { move_buffers(chain); });
}

void Compaction::move_buffers(Chain& chain) noexcept {
  bool has_moved = false;
  Buffer* const buffers = chain.slots() + chain.head_;
  for (Buffer& buffer : std::span(buffers, chain.count_)) {
    Slab& source = *buffer.slab_;
    if (source.pool != &pool_ || source.kind != Slab::Kind::pooled) continue;
    if (source.place != Slab::Place::application || source.next == nullptr) continue;

    Slab& target = *source.next;
    const std::uint32_t offset = target.held.bytes;
    std::memcpy(target.data + offset, buffer.data(), buffer.size_);
    target.held.bytes += buffer.size_;
    buffer = Buffer::slice_of(target, offset, buffer.size_);
    has_moved = true;
  }
  if (has_moved) chain.merge_neighbours();
}

// The reference that kept each target alive while it was filled goes.
void Compaction::finish_targets() noexcept {
  for (Slab& slab : pool_.arena_->slabs()) {
    if (!slab.is_compaction_target) continue;
    slab.is_compaction_target = false;
    slab.release();
  }
}

}  // namespace weir::detail
