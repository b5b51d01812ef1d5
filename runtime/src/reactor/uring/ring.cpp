#include "reactor/uring/ring.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>

#include "reactor/uring/uapi.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

/// From the best to the oldest. DEFER_TASKRUN (Linux 6.1): completion work runs when we ask for it,
/// without interrupting us; 30 % of a small echo's CPU. COOP_TASKRUN (5.19): at any system call.
/// TASKRUN_FLAG lets us see that there is something to ask for. SUBMIT_ALL (5.18): one bad entry
/// does not hold up the others.
constexpr unsigned common_flags =
    IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
constexpr unsigned deferring_flags = common_flags | IORING_SETUP_SINGLE_ISSUER |
                                     IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG;
constexpr std::array setup_ladder{
    deferring_flags,
    common_flags | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
    common_flags,
};

std::byte* map_ring(int fd, std::size_t bytes, off_t offset) noexcept {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
  if (memory == MAP_FAILED) return nullptr;
  // A child that touched the queues would corrupt them for the parent.
  ::madvise(memory, bytes, MADV_DONTFORK);
  return static_cast<std::byte*>(memory);
}

unsigned* counter_at(std::byte* rings, unsigned offset) noexcept {
  return reinterpret_cast<unsigned*>(rings + offset);
}

}  // namespace

Ring::~Ring() {
  unregister_ring();
  if (sqes_ != nullptr) ::munmap(sqes_, sqes_bytes_);
  if (rings_ != nullptr) ::munmap(rings_, rings_bytes_);
}

Result<> Ring::open(const RingOptions& options) noexcept {
  WEIR_ASSERT(!fd_.valid());
  io_uring_params params{};
  if (const int error = set_up(options, params)) return fail_errno(error);
  constexpr unsigned needed = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP |
                              IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_EXT_ARG;
  if ((params.features & needed) != needed) return fail(Error::unsupported);
  if (const int error = map(params)) return fail_errno(error);

  setup_flags_ = params.flags;
  features_ = params.features;
  tells_work_ = (setup_flags_ & IORING_SETUP_TASKRUN_FLAG) != 0;
  if (options.register_ring) register_ring();
  wait_flags_ = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
  if (options.no_iowait && (features_ & uapi::feature_no_iowait) != 0) {
    wait_flags_ |= uapi::enter_no_iowait;
  }
  return {};
}

/// \returns 0 or the errno of the last step of the ladder
int Ring::set_up(const RingOptions& options, io_uring_params& params) noexcept {
  int error = EINVAL;
  for (const unsigned flags : setup_ladder) {
    if (flags == deferring_flags && !options.defer_taskrun) continue;
    params = {};
    params.flags = flags;
    params.cq_entries = options.completion_entries;
    const long fd = ::syscall(SYS_io_uring_setup, options.submission_entries, &params);
    if (fd >= 0) {
      fd_ = OwnedFd(static_cast<int>(fd));
      return 0;
    }
    error = errno;
    if (error != EINVAL) break;  // not the flags
  }
  return error;
}

/// \returns 0 or the errno
int Ring::map(const io_uring_params& params) noexcept {
  rings_bytes_ = std::max<std::size_t>(
      params.sq_off.array + params.sq_entries * sizeof(unsigned),
      params.cq_off.cqes + std::size_t{params.cq_entries} * sizeof(io_uring_cqe));
  rings_ = map_ring(fd_.get(), rings_bytes_, IORING_OFF_SQ_RING);
  if (rings_ == nullptr) return errno;
  sqes_bytes_ = params.sq_entries * sizeof(io_uring_sqe);
  std::byte* const sqes = map_ring(fd_.get(), sqes_bytes_, IORING_OFF_SQES);
  if (sqes == nullptr) return errno;
  sqes_ = reinterpret_cast<io_uring_sqe*>(sqes);

  sq_head_ = counter_at(rings_, params.sq_off.head);
  sq_ring_tail_ = counter_at(rings_, params.sq_off.tail);
  sq_ring_flags_ = counter_at(rings_, params.sq_off.flags);
  sq_entries_ = params.sq_entries;
  sq_mask_ = params.sq_entries - 1;
  cq_head_ = counter_at(rings_, params.cq_off.head);
  cq_tail_ = counter_at(rings_, params.cq_off.tail);
  cq_mask_ = params.cq_entries - 1;
  cqes_ = reinterpret_cast<io_uring_cqe*>(rings_ + params.cq_off.cqes);

  // Entries are submitted in the order in which they lie there: the indirection stays the identity.
  unsigned* const order = counter_at(rings_, params.sq_off.array);
  for (unsigned i = 0; i < sq_entries_; ++i) order[i] = i;
  return 0;
}

/// Saves the kernel a look-up in the table of descriptors, and a reference, in each enter.
/// A thread has few places for registered rings, and the kernel keeps a ring that has one.
void Ring::unregister_ring() noexcept {
  if (!registered()) return;
  io_uring_rsrc_update update{};
  update.offset = static_cast<unsigned>(registered_index_);
  register_resource(IORING_UNREGISTER_RING_FDS, &update, 1);
}

void Ring::register_ring() noexcept {
  io_uring_rsrc_update update{};
  update.offset = ~0U;  // any free place
  update.data = static_cast<std::uint64_t>(fd_.get());
  if (register_resource(IORING_REGISTER_RING_FDS, &update, 1) == 1) {
    registered_index_ = static_cast<int>(update.offset);
  }
}

int Ring::enter(const Enter& how) noexcept {
  io_uring_smp_store_release(sq_ring_tail_, sq_tail_);
  unsigned flags = how.collect || how.wait ? IORING_ENTER_GETEVENTS : 0U;
  io_uring_getevents_arg argument{};
  const void* argument_address = nullptr;
  std::size_t argument_bytes = 0;
  if (how.wait) {
    flags = wait_flags_;
    argument.ts = std::bit_cast<std::uintptr_t>(how.timeout);
    argument_address = &argument;
    argument_bytes = sizeof argument;
  }
  int fd = fd_.get();
  if (registered_index_ >= 0) {
    fd = registered_index_;
    flags |= IORING_ENTER_REGISTERED_RING;
  }
  const long result = ::syscall(SYS_io_uring_enter, fd, unsubmitted(), how.wait ? 1U : 0U, flags,
                                argument_address, argument_bytes);
  return result >= 0 ? static_cast<int>(result) : -errno;
}

int Ring::register_resource(unsigned opcode, const void* argument, unsigned count) noexcept {
  const long result = ::syscall(SYS_io_uring_register, fd_.get(), opcode, argument, count);
  return result >= 0 ? static_cast<int>(result) : -errno;
}

/// Acquire: what the kernel did before it set a flag is visible after we saw the flag.
unsigned Ring::sq_flags() const noexcept { return io_uring_smp_load_acquire(sq_ring_flags_); }

}  // namespace weir::reactor
