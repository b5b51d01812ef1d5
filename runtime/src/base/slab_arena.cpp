#include "base/slab_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "base/poison.h"
#include "weir/base/assert.h"

namespace weir::detail {
namespace {

// How much address space becomes usable at a time: few system calls and one mapping in the end.
constexpr std::size_t open_bytes = std::size_t{1} << 20;

std::byte* reserve(std::size_t bytes, int protection) noexcept {
  void* const memory =
      ::mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    fatal("cannot reserve %zu bytes of address space for buffers: %s; is it limited (ulimit -v)?",
          bytes, std::strerror(errno));
  }
  return static_cast<std::byte*>(memory);
}

// Reserves `bytes` aligned to `alignment`, a power of two.
std::byte* reserve_aligned(std::size_t bytes, std::size_t alignment) noexcept {
  std::byte* const memory = reserve(bytes + alignment, PROT_NONE);
  const std::size_t over = reinterpret_cast<std::uintptr_t>(memory) & (alignment - 1);
  const std::size_t skipped = over == 0 ? 0 : alignment - over;
  if (skipped != 0) ::munmap(memory, skipped);
  ::munmap(memory + skipped + bytes, alignment - skipped);
  return memory + skipped;
}

}  // namespace

SlabArena::SlabArena(std::size_t slabs_max, std::uint32_t slab_bytes) noexcept
    : slabs_max_(slabs_max), slab_bytes_(slab_bytes) {
  memory_ = reserve_aligned(memory_bytes(), slab_bytes_);
  // Where transparent huge pages are always on, the first byte of one slab would bring in 2 MiB.
  // The set in flight is small enough for the TLB without them. Fails on kernels without them.
  ::madvise(memory_, memory_bytes(), MADV_NOHUGEPAGE);
  headers_ = reinterpret_cast<Slab*>(reserve(slabs_max_ * sizeof(Slab), PROT_READ | PROT_WRITE));
}

SlabArena::~SlabArena() {
  unpoison(memory_, opened_bytes_);
  ::munmap(memory_, memory_bytes());
  ::munmap(headers_, slabs_max_ * sizeof(Slab));
}

Slab* SlabArena::take_cold() noexcept {
  if (cold_ != nullptr) {
    Slab* const slab = cold_;
    cold_ = slab->next;
    slab->next = nullptr;
    return slab;
  }
  if (slabs_count_ == slabs_max_) return nullptr;
  if ((slabs_count_ + 1) * slab_bytes_ > opened_bytes_ && !open_more()) return nullptr;

  Slab* const slab = ::new (headers_ + slabs_count_) Slab;
  slab->data = memory_ + slabs_count_ * slab_bytes_;
  slab->capacity = static_cast<std::uint32_t>(slab_bytes_);
  slab->place = Slab::Place::cold;
  ++slabs_count_;
  return slab;
}

void SlabArena::give_back(Slab& slab) noexcept {
  // Fails for locked memory (mlockall) only, which then stays resident, as was asked for.
  ::madvise(slab.data, slab_bytes_, MADV_DONTNEED);
  slab.place = Slab::Place::cold;
  slab.next = cold_;
  cold_ = &slab;
}

bool SlabArena::open_more() noexcept {
  const std::size_t bytes =
      std::min(std::max(open_bytes, slab_bytes_), memory_bytes() - opened_bytes_);
  if (::mprotect(memory_ + opened_bytes_, bytes, PROT_READ | PROT_WRITE) != 0) return false;
  opened_bytes_ += bytes;
  return true;
}

}  // namespace weir::detail
