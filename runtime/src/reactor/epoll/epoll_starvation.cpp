// Receive sources that found no memory. They wait in the order in which they came, and each turn of
// theirs goes as far as the memory that came back.
//
// Compaction is tried once a poll, and again before a poll with starved sources blocks: what was
// consumed since may have made slabs mostly empty without freeing one, and only a freed one would
// be told.
#include "reactor/epoll/epoll_reactor.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

constexpr std::uint8_t starved_bit = 0x80;  // of `backend_bits`

}  // namespace

bool EpollReactor::is_starved(const Operation& operation) noexcept {
  return (operation.backend_bits & starved_bit) != 0;
}

void EpollReactor::starve(Operation& source) noexcept {
  WEIR_ASSERT(!is_starved(source) && !source.descriptor().pending);
  ++stats_.buffers_wanted;
  source.backend_bits |= starved_bit;
  starved_.push_back(source);
  datagrams_.trim();  // what it keeps ready may be all there is
  pool_.add_waiter(slab_wait_);
}

void EpollReactor::unstarve(Operation& source) noexcept {
  WEIR_ASSERT(is_starved(source));
  starved_.remove(source);
  source.backend_bits &= static_cast<std::uint8_t>(~starved_bit);
  if (starved_.empty()) pool_.remove_waiter(slab_wait_);
}

bool EpollReactor::compact_once() noexcept {
  if (compacted_) return false;
  compacted_ = true;
  return pool_.compact() > 0;
}

bool EpollReactor::has_memory_for(const Operation& source) const noexcept {
  return source.kind() == OperationKind::receive ? window_.can_open() : pool_.can_acquire();
}

/// Precondition: somebody is starved.
void EpollReactor::resume_starved() noexcept {
  if (has_memory_for(*starved_.front()) || compact_once()) {
    // Each at most once: one that starves again joins the end.
    for (std::size_t count = starved_.size();
         count > 0 && !starved_.empty() && has_memory_for(*starved_.front()); --count) {
      Operation& source = *starved_.front();
      unstarve(source);
      serve_reader(source.descriptor());
    }
  }
  if (!starved_.empty()) window_.let_go_if_full();
}

}  // namespace weir::reactor
