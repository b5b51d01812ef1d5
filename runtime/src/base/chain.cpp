#include "weir/base/chain.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <new>

#include "weir/base/allocate.h"

namespace weir {
namespace {

// The first heap block of a chain: whoever needs three slots soon needs more.
constexpr std::uint32_t spill_capacity_min = 8;
// A chain that runs empty keeps a block of up to this many slots (256 bytes), so that a stream with
// a few buffers at a time does not allocate for each; an idle connection holds no more than that.
constexpr std::uint32_t spill_capacity_kept = 16;

Buffer* allocate_slots(std::uint32_t capacity) noexcept {
  return static_cast<Buffer*>(allocate_frame(capacity * sizeof(Buffer)));
}

// Moves buffers between slots that may overlap. A moved-from buffer owns nothing, so that the slots
// left behind need no destructor.
void relocate(Buffer* from, std::uint32_t count, Buffer* to) noexcept {
  if (to <= from) {
    for (std::uint32_t i = 0; i < count; ++i) ::new (to + i) Buffer(std::move(from[i]));
  } else {
    for (std::uint32_t i = count; i-- > 0;) ::new (to + i) Buffer(std::move(from[i]));
  }
}

}  // namespace

void Chain::swap(Chain& other) noexcept {
  Chain taken;
  taken.take(other);
  other.take(*this);
  take(taken);
}

void Chain::append(Chain&& other) noexcept {
  WEIR_ASSERT(&other != this);
  if (other.empty()) return;
  if (empty() && !spilled()) {
    take(other);
    return;
  }
  if (empty() && other.spilled()) {
    swap(other);
    return;
  }
  reserve_back(other.count_);
  Buffer* const moved = other.slots() + other.head_;
  for (Buffer& buffer : std::span(moved, other.count_)) append(std::move(buffer));
  other.size_ = 0;
  other.count_ = 0;
  other.became_empty();
}

void Chain::prepend(Buffer&& buffer) noexcept {
  if (buffer.empty()) return;
  if (count_ != 0 && buffer.is_followed_by(front())) {
    Buffer& first = slots()[head_];
    first.offset_ -= buffer.size_;
    first.size_ += buffer.size_;
    size_ += buffer.size_;
    buffer.size_ = 0;
    buffer.drop();
    return;
  }
  if (head_ == 0) reserve_front();
  size_ += buffer.size_;
  --head_;
  ++count_;
  ::new (slots() + head_) Buffer(std::move(buffer));
}

Chain Chain::split(std::size_t count) noexcept {
  WEIR_ASSERT(count <= size_);
  if (count == size_) return std::move(*this);

  Chain taken;
  while (count != 0) {
    Buffer& first = slots()[head_];
    if (first.size_ <= count) {
      count -= first.size_;
      taken.append(pop_front());
    } else {
      taken.append(first.take_front(count));
      size_ -= count;
      count = 0;
    }
  }
  return taken;
}

void Chain::trim_whole_front(std::size_t count) noexcept {
  WEIR_ASSERT(count <= size_);
  if (count == size_) {  // what was written has been taken, what was received has been read
    std::destroy_n(slots() + head_, count_);
    size_ = 0;
    count_ = 0;
    became_empty();
    return;
  }
  while (count != 0) {
    Buffer& first = slots()[head_];
    if (first.size_ > count) {
      first.trim_front(count);
      size_ -= count;
      return;
    }
    count -= first.size_;
    static_cast<void>(pop_front());
  }
}

void Chain::trim_back(std::size_t count) noexcept {
  WEIR_ASSERT(count <= size_);
  size_ -= count;
  while (count != 0) {
    Buffer& last = slots()[head_ + count_ - 1];
    const std::size_t trimmed = std::min<std::size_t>(count, last.size_);
    last.trim_back(trimmed);
    count -= trimmed;
    if (last.empty()) --count_;
  }
  if (count_ == 0) became_empty();
}

Chain Chain::share() const noexcept {
  Chain copy;
  copy.reserve_back(count_);
  for (const Buffer& buffer : *this) copy.append(buffer.share());
  return copy;
}

std::span<const std::byte> Chain::coalesce() noexcept {
  if (count_ > 1) {
    Buffer whole = Buffer::uninitialized(size_);
    copy_to(whole.writable());
    destroy();
    append(std::move(whole));
  }
  return count_ == 0 ? std::span<const std::byte>{} : front().bytes();
}

void Chain::check_invariants() const noexcept {
  WEIR_ASSERT(!spilled() || capacity_ >= spill_capacity_min);
  WEIR_ASSERT(head_ + count_ <= capacity_);
  std::size_t size = 0;
  for (const Buffer& buffer : *this) {
    WEIR_ASSERT(!buffer.empty());
    WEIR_ASSERT(buffer.slab() != nullptr);
    size += buffer.size();
  }
  WEIR_ASSERT(size == size_);
}

void Chain::destroy() noexcept {
  std::destroy_n(slots() + head_, count_);
  free_spill();
  size_ = 0;
  head_ = 0;
  count_ = 0;
}

// The slots hold nothing any more.
void Chain::became_empty() noexcept {
  WEIR_ASSERT(size_ == 0);
  head_ = 0;
  if (capacity_ > spill_capacity_kept) free_spill();
}

void Chain::free_spill() noexcept {
  if (!spilled()) return;
  deallocate_frame(spill_, capacity_ * sizeof(Buffer));
  capacity_ = inline_capacity;
}

void Chain::append_after_growth(Buffer&& buffer) noexcept {
  reserve_back(1);
  ::new (slots() + head_ + count_) Buffer(std::move(buffer));
  ++count_;
}

// Makes room for `count` more buffers at the end.
void Chain::reserve_back(std::uint32_t count) noexcept {
  if (count <= capacity_ - head_ - count_) return;
  // Sliding down is worth it only while at least half of the slots become free at once: then a
  // queue costs O(1) for each buffer that passes through.
  const bool fits_after_slide = count_ + count <= capacity_ && head_ >= capacity_ / 2;
  rearrange(fits_after_slide ? capacity_ : grown_capacity(count), 0);
}

// Makes room for at least one more buffer at the front.
void Chain::reserve_front() noexcept {
  const std::uint32_t capacity = count_ <= capacity_ / 2 ? capacity_ : grown_capacity(1);
  rearrange(capacity, capacity - count_ - (capacity - count_) / 2);
}

std::uint32_t Chain::grown_capacity(std::uint32_t count) const noexcept {
  return std::max({spill_capacity_min, capacity_ * 2, std::bit_ceil(count_ + count)});
}

// Moves the buffers so that they begin at slot `head`, to a larger block if `capacity` is new.
void Chain::rearrange(std::uint32_t capacity, std::uint32_t head) noexcept {
  Buffer* const from = slots() + head_;
  if (capacity == capacity_) {
    relocate(from, count_, slots() + head);
  } else {
    Buffer* const spill = allocate_slots(capacity);
    relocate(from, count_, spill + head);
    free_spill();
    spill_ = spill;
    capacity_ = capacity;
  }
  head_ = head;
}

// Joins buffers that have become neighbours in one slab.
void Chain::merge_neighbours() noexcept {
  if (count_ < 2) return;
  Buffer* const first = slots() + head_;
  std::uint32_t kept = 1;
  for (std::uint32_t i = 1; i < count_; ++i) {
    Buffer& last = first[kept - 1];
    if (last.is_followed_by(first[i])) {
      last.size_ += first[i].size_;
      first[i] = Buffer{};
    } else if (kept++ != i) {
      first[kept - 1] = std::move(first[i]);
    }
  }
  count_ = kept;
}

}  // namespace weir
