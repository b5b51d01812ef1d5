// The memory the next read may fill: the rest of the current slab, and further slabs when the
// traffic fills more than that.
//
//     current  |== slices taken ==|...... 1 ......|     further  |........ 2 ........|  |........ 3
//     ..
//                                 ^ used
//
// One read fills 1, 2, 3 in this order. The slab in which it ends becomes the current one and is
// filled on; those it did not reach go back to the pool at once, so that nothing is held back
// between reads. When all slices of the current slab are gone it starts at its front again: quiet
// traffic stays in the same few cache lines.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "weir/base/buffer_pool.h"
#include "weir/base/chain.h"
#include "weir/base/slab.h"

namespace weir::reactor {

/// Home shard only. Invariant: outside of `open` ... `close` it holds the current slab at most.
class ReceiveWindow {
 public:
  /// `pool` outlives the window.
  explicit ReceiveWindow(BufferPool& pool) noexcept : pool_(pool) {}
  ReceiveWindow(const ReceiveWindow&) = delete;
  ReceiveWindow& operator=(const ReceiveWindow&) = delete;
  ~ReceiveWindow() { reset(); }

  /// Lays out at least `bytes_wanted` bytes if the pool has them, fewer if not, never more than
  /// `bytes_max`. What the current slab has is offered whole, because that costs nothing.
  /// \returns  the pieces; none if the pool is spent. `close` must follow if there is one.
  [[nodiscard]] std::span<iovec> open(std::size_t bytes_wanted, std::size_t bytes_max) noexcept;

  /// Appends the first `bytes` of what `open` laid out to `inbox`.
  void close(std::size_t bytes, Chain& inbox) noexcept;

  /// True if `open` would lay out something.
  [[nodiscard]] bool can_open() const noexcept;

  /// Lets go of the current slab if it is filled to the end, so that the pool tells when its slices
  /// are gone: while somebody starves.
  void let_go_if_full() noexcept;

  /// Lets go of the current slab if no slice of it is left: before going idle.
  void trim() noexcept;

 private:
  /// 256 KiB of further slabs at 64 KiB each; with smaller slabs reads are smaller.
  static constexpr std::size_t further_max = 4;
  /// A rest smaller than this is left unused: filling it would cut messages in two, and each read
  /// that offers it would cost a second piece.
  static constexpr std::uint32_t rest_bytes_min = 2048;

  void restart_if_unused() noexcept;
  void reset() noexcept;
  [[nodiscard]] std::uint32_t rest_bytes() const noexcept {
    return current_ == nullptr ? 0 : current_->capacity - used_;
  }

  BufferPool& pool_;
  Slab* current_ = nullptr;
  std::uint32_t used_ = 0;
  std::array<Slab*, further_max> further_{};
  std::size_t further_count_ = 0;
  std::array<iovec, 1 + further_max> pieces_{};
  bool offers_current_ = false;
};

}  // namespace weir::reactor
