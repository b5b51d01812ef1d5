// Memory that the next receive of datagrams may fill: room for any datagram behind each of many
// small ones, at the cost of the small ones.
//
//     slots: one slab            |64 B|..|1200 B |..|64 B|..|      2 KiB each; what was taken is
//                                                                  moved together
//     overflow: address space       |......|  |......|  |......|   62 KiB behind each slot, touched
//                                                                  only by what is larger
//
// Nobody knows how large the next datagram is, and what does not fit is lost. So each message of a
// receive is given a slot and an overflow. While everything fits the slots many datagrams share a
// slab. The first large one is copied together; from then on, for as long as large ones come,
// receives go into whole slabs, few at a time so that they stay in the cache, and nothing is
// copied: trains of 64 KiB (GRO) need that.
//
// One a reactor, for all its sockets: nothing is held between receives but the slabs themselves.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "weir/base/buffer.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/result.h"
#include "weir/base/slab.h"

namespace weir::reactor {

class DatagramWindow {
 public:
  static constexpr std::size_t messages_max = 32;
  /// Holds an Ethernet frame's payload.
  static constexpr std::uint32_t slot_bytes = 2048;

  using Pieces = std::array<iovec, 2>;

  /// `pool` outlives the window.
  explicit DatagramWindow(BufferPool& pool) noexcept : pool_(pool) {}
  DatagramWindow(const DatagramWindow&) = delete;
  DatagramWindow& operator=(const DatagramWindow&) = delete;
  ~DatagramWindow();

  /// Lays out room for up to `count_max` messages of up to `payload_bytes_max`. \returns how many;
  /// 0 if the pool is spent. The pieces of message i are `pieces(i)`, valid until the next call.
  [[nodiscard]] std::size_t open(bool expects_large, std::uint32_t payload_bytes_max,
                                 std::size_t count_max = messages_max) noexcept;
  [[nodiscard]] std::span<iovec> pieces(std::size_t message) noexcept {
    return {pieces_[message].data(), pieces_count_};
  }

  /// The first `bytes` of message i, which must be taken in order. `Error::pool_exhausted` if it
  /// had to be copied and there was no memory.
  [[nodiscard]] Result<Buffer> take(std::size_t message, std::size_t bytes) noexcept;

  /// A copy of bytes that lie elsewhere, small ones side by side as from `take`.
  [[nodiscard]] Result<Buffer> copy(std::span<const std::byte> bytes) noexcept;

  [[nodiscard]] bool holds_memory() const noexcept;

  /// Gives back what is not filled: before going idle, and while somebody starves.
  void trim() noexcept;

 private:
  /// Messages of a receive into whole slabs: 256 KiB stay inside the second-level cache.
  static constexpr std::size_t large_max = 4;
  /// What is moved to lie right behind the one before: above it moving costs more than the gap.
  static constexpr std::size_t move_bytes_max = 512;
  /// What would keep a slab of which it fills less than a quarter is copied out of it.
  static constexpr std::size_t copy_bytes_max = std::size_t{16} << 10;
  static constexpr std::size_t overflow_stride = std::size_t{64} << 10;

  [[nodiscard]] std::size_t open_slots(std::uint32_t payload_bytes_max,
                                       std::size_t count_max) noexcept;
  [[nodiscard]] std::size_t open_large(std::uint32_t payload_bytes_max) noexcept;
  void lay_out_slots(std::uint32_t payload_bytes_max, std::size_t count) noexcept;
  [[nodiscard]] bool refresh_slots() noexcept;
  [[nodiscard]] bool reserve_overflow() noexcept;
  [[nodiscard]] Result<Buffer> take_slot(std::size_t message, std::size_t bytes) noexcept;
  [[nodiscard]] Result<Buffer> take_large(std::size_t message, std::size_t bytes) noexcept;
  [[nodiscard]] Buffer place(const std::byte* bytes, std::size_t size) noexcept;
  [[nodiscard]] Result<Buffer> acquire_large(std::size_t bytes) noexcept;
  void release_slots() noexcept;

  BufferPool& pool_;
  Slab* slots_ = nullptr;
  std::uint32_t used_ = 0;   ///< of the slots' slab
  std::uint32_t begin_ = 0;  ///< where the first slot of this receive is
  std::byte* overflow_ = nullptr;
  bool overflow_touched_ = false;
  std::array<Buffer, large_max> large_;  ///< empty: taken
  bool is_large_ = false;
  std::size_t pieces_count_ = 1;
  /// The pieces are those of slots from here on. Whoever consumes before it receives again finds
  /// them as they were.
  struct {
    const std::byte* begin = nullptr;
    std::uint32_t payload_bytes_max = 0;
    std::size_t count = 0;
  } laid_out_;
  std::array<Pieces, messages_max> pieces_{};
};

}  // namespace weir::reactor
