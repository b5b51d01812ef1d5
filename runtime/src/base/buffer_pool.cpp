#include "weir/base/buffer_pool.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

#include "base/compaction.h"
#include "base/poison.h"
#include "base/slab_arena.h"
#include "weir/base/allocate.h"

namespace weir {
namespace {

constexpr std::uint32_t slab_bytes_max = std::uint32_t{16} << 20;
// Blocks larger than a slab: cache-line aligned, and counted in whole pages as the system does.
constexpr std::size_t oversize_alignment = 64;
constexpr std::size_t oversize_granule = 4096;

std::size_t oversize_footprint(std::size_t size) noexcept {
  return (size + oversize_granule - 1) & ~(oversize_granule - 1);
}

}  // namespace

Result<> BufferPool::Options::validate() const noexcept {
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const bool is_valid = std::has_single_bit(slab_bytes) && slab_bytes >= page_bytes &&
                        slab_bytes <= slab_bytes_max && budget_bytes / slab_bytes >= 2;
  if (!is_valid) return fail(Error::option_invalid);
  return {};
}

BufferPool::BufferPool(const Options& options) noexcept
    : budget_bytes_(options.budget_bytes), slab_bytes_(options.slab_bytes) {
  WEIR_ASSERT(options.validate().has_value());
  arena_ = std::make_unique<detail::SlabArena>(budget_bytes_ / slab_bytes_, slab_bytes_);
}

BufferPool::~BufferPool() {
  output_.reset();
  bool is_settled;
  do {
    // Before the changes are applied: a thread that is still about to push then gets its turn.
    is_settled = !remote_.is_being_pushed();
    apply_remote_changes();
  } while (in_use_bytes_ != 0 && !is_settled);
  if (in_use_bytes_ != 0) {
    detail::fatal(
        "a BufferPool ends while buffers of it are in use: %zu slabs (%zu of them held "
        "by the kernel) and %zu larger ones",
        slabs_application_ + slabs_kernel_, slabs_kernel_, oversize_count_);
  }
  WEIR_ASSERT(!waiters_.linked());
  WEIR_ASSERT(!holders_.linked());
  if (detail::current_pool == this) detail::current_pool = nullptr;
}

void BufferPool::make_current() noexcept {
  WEIR_ASSERT(detail::current_pool == nullptr);
  detail::current_pool = this;
}

void BufferPool::clear_current() noexcept {
  WEIR_ASSERT(detail::current_pool == this);
  detail::current_pool = nullptr;
}

Slab* BufferPool::try_acquire() noexcept {
  Slab* const slab = can_acquire() ? take_slab() : nullptr;
  if (slab == nullptr) ++exhausted_count_;
  return slab;
}

// Without regard to the reserve: compact() lives on it.
Slab* BufferPool::take_slab() noexcept {
  Slab* slab = free_;
  if (slab != nullptr) {
    free_ = slab->next;
    slab->next = nullptr;
  } else {
    slab = arena_->take_cold();
    if (slab == nullptr) return nullptr;
    slab->home = this;
    slab->pool = this;
  }
  slab->refs = 1;
  move(*slab, Slab::Place::application);
  slabs_free_min_ = std::min(slabs_free_min_, slabs_free_);
  detail::unpoison(slab->data, slab->capacity);
  return slab;
}

// Another buffer, in the rest of the shared slab.
std::byte* BufferPool::append_slice(Chain& chain, std::size_t size) noexcept {
  if (output_.rest_bytes() < size) return nullptr;
  Buffer slice = output_.take(size);
  std::byte* const bytes = slice.writable().data();
  chain.append(std::move(slice));
  return bytes;
}

// What does not fit into the rest of the shared slab.
Result<Buffer> BufferPool::allocate_elsewhere(std::size_t size) noexcept {
  if (size > slab_bytes_) return allocate_oversize(size);

  const std::size_t rest_bytes = output_.rest_bytes();
  // A large piece that does not fit gets a slab of its own while much of the shared one would be
  // lost: 40 KiB must not throw 30 KiB away that the next small ones can use.
  const bool is_rest_worth_keeping = rest_bytes > slab_bytes_ / 4;
  if (is_rest_worth_keeping) {
    Slab* const slab = try_acquire();
    if (slab == nullptr) return fail(Error::pool_exhausted);
    return Buffer::adopt(*slab, 0, size);
  }
  if (output_.tail(size).empty()) return fail(Error::pool_exhausted);
  return output_.take(size);
}

Result<Buffer> BufferPool::allocate_oversize(std::size_t size) noexcept {
  // The comparison is by subtraction: `size` may be anything.
  const std::size_t spendable = budget_bytes_ - slab_bytes_;
  if (size > Slab::capacity_max || size > spendable ||
      oversize_footprint(size) > spendable - std::min(spendable, in_use_bytes_)) {
    ++exhausted_count_;
    return fail(Error::pool_exhausted);
  }
  const std::size_t footprint = oversize_footprint(size);
  // Free slabs make room: what they hold counts as well.
  const std::size_t rest_bytes = budget_bytes_ - in_use_bytes_ - footprint;
  if (slabs_free_ > rest_bytes / slab_bytes_) trim(rest_bytes / slab_bytes_);

  Slab* const slab = ::new (allocate_frame(sizeof(Slab))) Slab;
  slab->home = this;
  slab->pool = this;
  slab->kind = Slab::Kind::oversize;
  slab->data = static_cast<std::byte*>(allocate_block(footprint, oversize_alignment));
  slab->capacity = static_cast<std::uint32_t>(size);
  slab->refs = 1;
  ++oversize_count_;
  oversize_bytes_ += footprint;
  in_use_bytes_ += footprint;
  return Buffer::adopt(*slab, 0, size);
}

Result<Buffer> BufferPool::copy(std::span<const std::byte> bytes) noexcept {
  Result<Buffer> buffer = allocate(bytes.size());
  if (buffer && !bytes.empty()) {
    std::memcpy(buffer->writable().data(), bytes.data(), bytes.size());
  }
  return buffer;
}

void BufferPool::mark_kernel(Slab& slab) noexcept {
  WEIR_ASSERT(slab.pool == this && slab.kind == Slab::Kind::pooled);
  WEIR_ASSERT(slab.place == Slab::Place::application);
  move(slab, Slab::Place::kernel);
}

void BufferPool::mark_application(Slab& slab) noexcept {
  WEIR_ASSERT(slab.pool == this && slab.kind == Slab::Kind::pooled);
  WEIR_ASSERT(slab.place == Slab::Place::kernel);
  move(slab, Slab::Place::application);
}

void BufferPool::released_last(Slab& slab) noexcept {
  // Changes noted elsewhere: the true count is known, and the slab off the queue, only once they
  // are applied. A share noted elsewhere is seen here, because its copy came here afterwards.
  if (slab.remote.load(std::memory_order_relaxed) != 0) return;

  if (slab.kind == Slab::Kind::oversize) {
    free_oversize(slab);
  } else {
    WEIR_ASSERT(slab.place == Slab::Place::application);
    detail::poison(slab.data, slab.capacity);
    move(slab, Slab::Place::free);
    slab.next = free_;
    free_ = &slab;
  }
  memory_came_back();
}

void BufferPool::free_oversize(Slab& slab) noexcept {
  const std::size_t footprint = oversize_footprint(slab.capacity);
  --oversize_count_;
  oversize_bytes_ -= footprint;
  in_use_bytes_ -= footprint;
  deallocate_block(slab.data, footprint, oversize_alignment);
  slab.~Slab();
  deallocate_frame(&slab, sizeof(Slab));
}

std::size_t BufferPool::collect_remote_changes() noexcept {
  const std::size_t freed_count = apply_remote_changes();
  if (freed_count != 0) untold_waiters_ = waiters_count_;
  if (untold_waiters_ != 0) tell_waiters(acquirable_slabs());
  return freed_count;
}

// \returns the slabs that became free. Tells nobody.
std::size_t BufferPool::apply_remote_changes() noexcept {
  // Without a look at has_slabs(): that might miss what came back before add_waiter() announced.
  const bool was_quiet = std::exchange(is_quiet_, true);
  std::size_t freed_count = 0;
  Slab* next = nullptr;
  for (Slab* slab = remote_.take_all(); slab != nullptr; slab = next) {
    next = slab->remote_next;  // before the slab may be queued again
    slab->refs -= detail::RemoteQueue::take_changes(*slab);
    if (slab->refs == 0) {
      // Freed unless another change was noted just now; then the slab is queued again.
      const std::size_t in_use_before = in_use_bytes_;
      released_last(*slab);
      freed_count += in_use_bytes_ != in_use_before ? 1 : 0;
    }
  }
  is_quiet_ = was_quiet;
  return freed_count;
}

void BufferPool::add_waiter(PoolWaiter& waiter) noexcept {
  if (waiter.pool_ != nullptr) {
    WEIR_ASSERT(waiter.pool_ == this);
    return;
  }
  waiter.pool_ = this;
  waiter.link_before(waiters_);
  if (waiters_count_++ != 0) return;

  // Announce, look again: what came back before the announcement woke nobody.
  remote_.set_awaited(true);
  if (apply_remote_changes() != 0) {
    untold_waiters_ = waiters_count_;
    remote_.wake();
  }
}

void BufferPool::remove_waiter(PoolWaiter& waiter) noexcept {
  if (waiter.pool_ == nullptr) return;
  WEIR_ASSERT(waiter.pool_ == this);
  waiter.unlink();
  waiter.pool_ = nullptr;
  --waiters_count_;
  untold_waiters_ = std::min(untold_waiters_, waiters_count_);
  if (waiters_count_ == 0) remote_.set_awaited(false);
}

void BufferPool::memory_came_back() noexcept {
  if (waiters_count_ == 0 || is_quiet_) return;
  untold_waiters_ = waiters_count_;
  tell_waiters(1);
}

// The untold waiters are at the front; who is told goes to the end.
void BufferPool::tell_waiters(std::size_t count_max) noexcept {
  for (; count_max > 0 && untold_waiters_ > 0 && can_acquire(); --count_max) {
    auto& waiter = static_cast<PoolWaiter&>(*waiters_.next());
    waiter.unlink();
    waiter.link_before(waiters_);
    --untold_waiters_;
    waiter.on_slab_available();
  }
}

PoolWaiter::~PoolWaiter() {
  if (pool_ != nullptr) pool_->remove_waiter(*this);
}

void BufferPool::add_holder(PoolHolder& holder) noexcept {
  if (!holder.linked()) holder.link_before(holders_);
}

void BufferPool::remove_holder(PoolHolder& holder) noexcept { holder.unlink(); }

std::size_t BufferPool::compact() noexcept {
  WEIR_ASSERT(detail::current_pool == this);
  collect_foreign();
  const bool was_quiet = std::exchange(is_quiet_, true);
  const std::size_t in_use_before = in_use_bytes_;
  output_.reset_if_unused();
  const bool has_won_output = in_use_bytes_ != in_use_before;
  const std::size_t won_count = detail::Compaction(*this).run() + (has_won_output ? 1 : 0);
  is_quiet_ = was_quiet;
  ++compactions_;
  slabs_compacted_ += won_count;
  if (won_count != 0) memory_came_back();
  return won_count;
}

std::size_t BufferPool::trim(std::size_t keep_free) noexcept {
  output_.reset_if_unused();
  Slab** link = &free_;
  for (std::size_t kept = 0; kept < keep_free && *link != nullptr; ++kept) link = &(*link)->next;

  std::size_t given_back = 0;
  while (*link != nullptr) {
    Slab* const slab = *link;
    *link = slab->next;
    move(*slab, Slab::Place::cold);
    arena_->give_back(*slab);
    ++given_back;
  }
  slabs_free_min_ = std::min(slabs_free_min_, slabs_free_);
  return given_back;
}

std::size_t BufferPool::trim_unused() noexcept {
  const std::size_t unused = std::min(slabs_free_min_, slabs_free_);
  const std::size_t given_back = trim(slabs_free_ - unused);
  slabs_free_min_ = slabs_free_;
  return given_back;
}

// Changes the place and the counts that hang on it.
void BufferPool::move(Slab& slab, Slab::Place place) noexcept {
  const auto count = [this](Slab::Place which, std::ptrdiff_t change) {
    const auto delta = static_cast<std::size_t>(change);  // -1 wraps around, as it should
    switch (which) {
      case Slab::Place::cold:
        return;
      case Slab::Place::free:
        slabs_free_ += delta;
        return;
      case Slab::Place::kernel:
        slabs_kernel_ += delta;
        break;
      case Slab::Place::application:
        slabs_application_ += delta;
        break;
    }
    in_use_bytes_ += delta * slab_bytes_;
  };
  count(slab.place, -1);
  count(place, 1);
  slab.place = place;
}

std::size_t BufferPool::acquirable_slabs() const noexcept {
  const std::size_t spent_bytes = in_use_bytes_ + slab_bytes_;
  return spent_bytes >= budget_bytes_ ? 0 : (budget_bytes_ - spent_bytes) / slab_bytes_;
}

BufferPool::Stats BufferPool::stats() const noexcept {
  const std::size_t slabs_total = slabs_free_ + slabs_kernel_ + slabs_application_;
  return {
      .budget_bytes = budget_bytes_,
      .total_bytes = slabs_total * slab_bytes_ + oversize_bytes_,
      .slabs_total = slabs_total,
      .slabs_free = slabs_free_,
      .slabs_kernel = slabs_kernel_,
      .slabs_application = slabs_application_,
      .oversize_count = oversize_count_,
      .oversize_bytes = oversize_bytes_,
      .exhausted_count = exhausted_count_,
      .compactions = compactions_,
      .slabs_compacted = slabs_compacted_,
  };
}

void BufferPool::check_invariants() const noexcept {
  const Stats now = stats();
  WEIR_ASSERT(now.total_bytes <= budget_bytes_);
  WEIR_ASSERT(in_use_bytes_ ==
              (slabs_kernel_ + slabs_application_) * slab_bytes_ + oversize_bytes_);
  WEIR_ASSERT((slabs_free_ == 0) == (free_ == nullptr));
  WEIR_ASSERT((oversize_count_ == 0) == (oversize_bytes_ == 0));
  WEIR_ASSERT((waiters_count_ != 0) == waiters_.linked());
  WEIR_ASSERT(untold_waiters_ <= waiters_count_);
  WEIR_ASSERT_SLOW(counts_match_slabs());
}

// Counts places and the free list anew.
bool BufferPool::counts_match_slabs() const noexcept {
  std::size_t at_place[4] = {};
  for (const Slab& slab : arena_->slabs()) {
    ++at_place[static_cast<std::size_t>(slab.place)];
    const bool is_unused = slab.place == Slab::Place::cold || slab.place == Slab::Place::free;
    if (is_unused && (slab.refs != 0 || slab.remote.load(std::memory_order_relaxed) != 0)) {
      return false;
    }
  }
  std::size_t on_free_list = 0;
  for (const Slab* slab = free_; slab != nullptr; slab = slab->next) {
    if (slab->place != Slab::Place::free) return false;
    ++on_free_list;
  }
  const auto at = [&](Slab::Place place) { return at_place[static_cast<std::size_t>(place)]; };
  return on_free_list == slabs_free_ && at(Slab::Place::free) == slabs_free_ &&
         at(Slab::Place::kernel) == slabs_kernel_ &&
         at(Slab::Place::application) == slabs_application_;
}

}  // namespace weir
