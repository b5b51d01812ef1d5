// Receive sources that found the buffer ring empty. They wait in the order in which they came and
// go on, a few at a time, as soon as there are slabs in the ring: at once if the pool still had
// some, else when the pool tells that one came back. No timer, no polling.
#include "reactor/uring/operation_bits.h"
#include "reactor/uring/uring_reactor.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

/// Sources that go on in one poll for each slab in the ring. More would find it empty again and pay
/// for the try; fewer would keep those waiting that want little.
constexpr std::size_t sources_per_slab = 8;

}  // namespace

void UringReactor::starve(ReceiveSource& source) noexcept {
  WEIR_ASSERT(!has(source, OperationBit::starved));
  ++stats_.buffers_wanted;
  clear(source, OperationBit::full);
  set(source, OperationBit::starved);
  starved_.push_back(source);
  // The ring was too small for what came in one poll, unless there is no memory to fill it with.
  if (pool_.can_acquire()) buffers_.grow();
}

void UringReactor::unstarve(ReceiveSource& source) noexcept {
  WEIR_ASSERT(has(source, OperationBit::starved));
  clear(source, OperationBit::starved);
  starved_.remove(source);
  if (starved_.empty()) pool_.remove_waiter(slab_wait_);
}

/// Precondition: somebody is starved.
void UringReactor::resume_starved() noexcept {
  if (!find_memory()) {
    pool_.add_waiter(slab_wait_);
    return;
  }
  pool_.remove_waiter(slab_wait_);
  for (std::size_t count = buffers_.slabs_provided() * sources_per_slab;
       count > 0 && !starved_.empty(); --count) {
    auto& source = static_cast<ReceiveSource&>(*starved_.front());
    unstarve(source);
    ++stats_.sources_rearmed;
    submit(source);
  }
}

/// \returns true if the ring has something to receive into
bool UringReactor::find_memory() noexcept {
  buffers_.provide();
  if (buffers_.empty() && pool_.compact() > 0) buffers_.provide();
  return !buffers_.empty();
}

}  // namespace weir::reactor
