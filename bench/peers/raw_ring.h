// An io_uring with one ring of provided buffers, as bare as it can be: what raw_uring stands on.
//
//     submission queue   one thread, DEFER_TASKRUN, registered ring descriptor
//     buffer ring        filled front to back; an incremental buffer serves many receives, a
//                        classic one a single receive
//
// Every system call goes through enter() and is counted.
#pragma once

#include <liburing.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "peer_process.h"

namespace peer {

struct RingOptions {
  bool incremental = true;
  unsigned buffer_bytes = 64 * 1024;
  unsigned buffer_count = 16;
};

struct RawRing {
  // Newer than liburing 2.3.
  static constexpr std::uint16_t ring_incremental = 2;   // IOU_PBUF_RING_INC, Linux 6.12
  static constexpr unsigned flag_buffer_more = 1U << 4;  // IORING_CQE_F_BUF_MORE, Linux 6.12

  static constexpr unsigned submission_entries = 1024;
  static constexpr unsigned completion_entries = 16384;

  RingOptions options;
  io_uring ring;
  std::uint64_t enters, waits;

  /// Buffers the kernel is done with and whose bytes may still be in use here.
  std::vector<std::uint16_t> used_up;

  void set_up(const RingOptions& wanted) {
    options = wanted;
    io_uring_params parameters = {};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                       IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
    parameters.cq_entries = completion_entries;
    const int error = io_uring_queue_init_params(submission_entries, &ring, &parameters);
    if (error != 0) fail("io_uring_queue_init_params (needs Linux 6.1)", -error);
    if (io_uring_register_ring_fd(&ring) != 1) fail("io_uring_register_ring_fd", EINVAL);
    for (unsigned i = 0; i < ring.sq.ring_entries; i++) ring.sq.array[i] = i;  // see enter()
    set_up_buffers();
  }

  /// Publishes what is queued and, with `wait` = 1, sleeps until there is a completion: our own
  /// form of io_uring_submit_and_wait(), one system call for both.
  void enter(unsigned wait) {
    io_uring_smp_store_release(ring.sq.ktail, ring.sq.sqe_tail);
    ring.sq.sqe_head = ring.sq.sqe_tail;
    waits += wait;
    // Once, unless the kernel was short of memory: whoever called counts on all being submitted.
    do {
      const unsigned queued = ring.sq.sqe_tail - io_uring_smp_load_acquire(ring.sq.khead);
      constexpr unsigned flags = IORING_ENTER_GETEVENTS | IORING_ENTER_REGISTERED_RING;
      enters++;
      if (syscall(SYS_io_uring_enter, ring.enter_ring_fd, queued, wait, flags, nullptr, 0) < 0 &&
          errno != EINTR && errno != EBUSY && errno != EAGAIN) {
        fail("io_uring_enter");
      }
    } while (io_uring_smp_load_acquire(ring.sq.khead) != ring.sq.sqe_tail);
  }

  /// A zeroed submission queue entry but for its opcode; submits when the queue is full.
  io_uring_sqe* next_entry(std::uint8_t opcode) {
    io_uring_sqe* entry = io_uring_get_sqe(&ring);
    for (; entry == nullptr; entry = io_uring_get_sqe(&ring)) enter(0);
    std::memset(entry, 0, sizeof *entry);
    entry->opcode = opcode;
    return entry;
  }

  /// Calls `handle` for all completions, those included that did not fit into the queue.
  template <typename Handle>
  void drain(Handle handle) {
    for (;;) {
      unsigned head = 0, count = 0;
      io_uring_cqe* completion = nullptr;
      io_uring_for_each_cqe(&ring, head, completion) {
        handle(*completion);
        count++;
      }
      io_uring_cq_advance(&ring, count);
      if ((*ring.sq.kflags & IORING_SQ_CQ_OVERFLOW) == 0) return;
      enter(0);
    }
  }

  /// Where the bytes of this receive are; null if it took no buffer.
  char* received_bytes(const io_uring_cqe& completion) {
    if ((completion.flags & IORING_CQE_F_BUFFER) == 0) return nullptr;
    const auto id = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
    char* bytes = buffers_ + std::size_t{id} * options.buffer_bytes + filled_bytes_[id];
    if (completion.res > 0) filled_bytes_[id] += static_cast<std::uint32_t>(completion.res);
    if ((completion.flags & flag_buffer_more) == 0) used_up.push_back(id);
    return bytes;
  }

  /// Hands used-up buffers to the kernel again.
  void give_back(std::vector<std::uint16_t>& used) {
    const int mask = io_uring_buf_ring_mask(options.buffer_count);
    int count = 0;
    for (const std::uint16_t id : used) {
      filled_bytes_[id] = 0;
      io_uring_buf_ring_add(buffer_ring_, buffers_ + std::size_t{id} * options.buffer_bytes,
                            options.buffer_bytes, id, mask, count++);
    }
    if (count != 0) io_uring_buf_ring_advance(buffer_ring_, count);
    used.clear();
  }

  // Private from here on, as far as a plain struct goes.
  io_uring_buf_ring* buffer_ring_;
  char* buffers_;
  std::vector<std::uint32_t> filled_bytes_;  // how far the kernel has filled each buffer

  void set_up_buffers() {
    filled_bytes_.resize(options.buffer_count);
    buffers_ = reserve<char>(std::size_t{options.buffer_count} * options.buffer_bytes);
    // The tail lives in the unused part of the first entry: a ring is exactly its entries.
    buffer_ring_ =
        reinterpret_cast<io_uring_buf_ring*>(reserve<io_uring_buf>(options.buffer_count));
    io_uring_buf_reg registration = {};
    registration.ring_addr = std::bit_cast<std::uint64_t>(buffer_ring_);
    registration.ring_entries = options.buffer_count;
    registration.pad = options.incremental ? ring_incremental : 0;  // `flags` in newer headers
    const int error = io_uring_register_buf_ring(&ring, &registration, 0);
    if (error == -EINVAL && options.incremental) {
      std::fputs("raw_uring: no incremental buffers here, using classic ones\n", stderr);
      options.incremental = false;
      return set_up_buffers();
    }
    if (error != 0) fail("io_uring_register_buf_ring", -error);
    for (unsigned id = 0; id < options.buffer_count; id++) {
      used_up.push_back(static_cast<std::uint16_t>(id));
    }
    give_back(used_up);
  }
};

}  // namespace peer
