// Whether Nagle's algorithm made a peer's answer late: two small writes, then a wait for the peer.
//
//     us                          peer
//     write 4 B  -------------->            sent at once
//     write 60 B                            held: a small segment is not acknowledged yet
//          :                                the peer has half a request, so it answers nothing
//          :                                that could carry the acknowledgement, and delays it
//          :     <--------------  ACK       40 ms later
//          +- - ---------------->           sent
//     read       <--------------  answer
//
// The decision alone, without clock or socket. A long wait proves nothing, the peer may just be
// slow; but the kernel knows when it last sent data. If that was well after the last write, it held
// that write back. So it is asked, once a wait is suspect.
//
// What else holds back a small write is ruled out as far as it can be: segments lost (a connection
// that ever retransmitted is not judged), and writes as large as a segment (the send buffer, the
// windows). Lives in every stream, hence in two bytes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "weir/core/timer_queue.h"

namespace weir::detail {

/// What the kernel says of a connection's sending (tcp(7), TCP_INFO).
struct SendEvidence {
  std::size_t segment_bytes_max = 0;            ///< tcpi_snd_mss
  std::chrono::milliseconds since_last_sent{};  ///< tcpi_last_data_sent: in ticks of 1 to 10 ms
  std::uint64_t segments_retransmitted = 0;     ///< tcpi_total_retrans
};

class WriteWriteRead {
 public:
  /// Linux delays an acknowledgement by 40 ms at the least (TCP_DELACK_MIN); the tick it tells the
  /// time by may hide 10 of them.
  static constexpr Duration hold_min = std::chrono::milliseconds(30);
  /// A receiver may delay it by less than that (RFC 1122 4.2.3.2). Who waits longer waits for
  /// something else.
  static constexpr Duration wait_max = std::chrono::milliseconds(500);

  /// The kernel was handed `bytes` in one call.
  constexpr void note_write(std::size_t bytes) noexcept {
    const std::size_t units = std::min((bytes + unit_bytes - 1) / unit_bytes, units_max);
    largest_write_units_ = std::max<std::size_t>(largest_write_units_, units) & units_max;
    if (writes_ < 2) writes_ = (writes_ + 1U) & 3U;
  }

  /// Bytes of the peer came: whatever is written from now on is another request.
  constexpr void note_answer() noexcept {
    writes_ = 0;
    largest_write_units_ = 0;
  }

  /// Worth asking the kernel. \param wait from the last write to the answer
  [[nodiscard]] constexpr bool is_suspect(Duration wait) const noexcept {
    return writes_ == 2 && !counted_ && wait >= hold_min && wait <= wait_max;
  }

  /// The kernel held the last write back for `hold_min` or more.
  /// \param wait from the last write to the time of the evidence
  [[nodiscard]] constexpr bool is_proven(Duration wait,
                                         const SendEvidence& evidence) const noexcept {
    return is_suspect(wait) && is_small(evidence.segment_bytes_max) &&
           evidence.segments_retransmitted == 0 && wait - evidence.since_last_sent >= hold_min;
  }

  /// From now on nothing is suspect: a connection counts once.
  constexpr void note_counted() noexcept { counted_ = 1; }

 private:
  static constexpr std::size_t unit_bytes = 8;
  static constexpr std::size_t units_max = 0x1fff;  ///< more is never small: no segment is larger

  [[nodiscard]] constexpr bool is_small(std::size_t segment_bytes_max) const noexcept {
    return largest_write_units_ < units_max &&
           largest_write_units_ * unit_bytes < segment_bytes_max;
  }

  std::uint16_t largest_write_units_ : 13 = 0;  ///< since the last answer, rounded up
  std::uint16_t writes_ : 2 = 0;                ///< since the last answer; 2 is two or more
  std::uint16_t counted_ : 1 = 0;
};

static_assert(sizeof(WriteWriteRead) == 2);

}  // namespace weir::detail
