// DatagramSequence: what became of the numbered datagrams of one stream, at the end that receives
// them: the sink, or the client that gets its echoes back. One for each (peer, stream id).
//
//       first             highest + 1 - window         highest  next
//         |                        |                      |      |
//     ----+------------------------+----------------------+------+------>  numbers
//         |   decided: unique or   |  a bit each: unique  |  not heard of
//         |   lost, for good       |  or pending          |  yet
//
// Of each datagram that arrives exactly one of these is true:
//
//     unique       the first copy of its number, in order or reordered
//     duplicate    a copy of a number of the window that is there already
//     late         its number was decided before: it was lost (the usual case), or this is a copy
//     of
//                  a very old one. Nobody remembers which, so `lost` and `unique` stay as they are.
//     implausible  a number the sender cannot have used: before the first one, where that is known;
//                  over DatagramHeader::sequence_max; more than `jump_max` over the next. Changes
//                  nothing else, so that one damaged or forged number does not lose 2^60 datagrams.
//
// and of each number from the first to the highest:
//
//     unique       delivered
//     pending      within the window and not seen
//     lost         fell out of the window unseen, or was given up by `finish`. Final.
//
//     received == unique + duplicates + late + implausible
//     next - first == unique + lost + pending
//
// Reordered is meant as in RFC 4737 section 3: a unique datagram whose number is below one that
// came before it. In 1 2 5 3 4 those are 3 and 4, while 5 is not (it is what the gap shows).
// Its distance is highest - number: the buffer that puts the stream back in order needs at least so
// many places. (It is not the RFC's extent, which counts arrivals.) A burst is a maximal run of
// consecutive lost numbers.
//
// Where `first_sequence` is not given, the first is the lowest number seen, while it is within the
// window. A sender that starts again takes a new stream id; if it does not, its numbers are late
// until they have caught up. This measures, it does not defend: whoever can forge the peer's
// address can spoil the counts.
//
// No clock, no I/O. Memory is a bit for each number of the window, allocated once. A datagram in
// order costs the same whatever the window; a jump costs at most a pass over the window.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "weir/base/result.h"
#include "weir/protocols/datagram_header.h"
#include "weir/protocols/transit_times.h"

namespace weir::protocols {

/// What one arriving datagram was.
enum class DatagramArrival : std::uint8_t {
  in_order,     ///< unique: the next number
  after_gap,    ///< unique: numbers were skipped, and may still come
  reordered,    ///< unique: a number that was pending
  duplicate,    ///< not counted a second time
  late,         ///< decided before
  implausible,  ///< ignored
};

/// Whether it is the first copy of its number, whose times are worth recording.
[[nodiscard]] constexpr bool is_unique(DatagramArrival arrival) noexcept {
  return arrival <= DatagramArrival::reordered;
}

/// Defined at the top of this file.
struct DatagramCounts {
  std::uint64_t received = 0;
  std::uint64_t unique = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t late = 0;
  std::uint64_t implausible = 0;
  std::uint64_t lost = 0;
  std::uint64_t pending = 0;
  std::uint64_t reordered = 0;
  std::uint64_t reordering_distance_max = 0;
  std::uint64_t loss_bursts = 0;
  std::uint64_t loss_burst_max = 0;  ///< numbers in the longest

  /// Numbers from the first to the highest: what the sender is known to have sent.
  [[nodiscard]] std::uint64_t expected() const noexcept { return unique + lost + pending; }

  /// Sums, and the greater of two maxima: the counts of several streams together.
  DatagramCounts& operator+=(const DatagramCounts& other) noexcept;
  friend bool operator==(const DatagramCounts&, const DatagramCounts&) = default;
};

struct DatagramSequenceOptions {
  /// A power of two from 64 to 2^24. A number is lost once one that is so much higher arrives, so
  /// take the rate times the time after which a datagram is of no use: 4096 is 40 ms at 100 000 a
  /// second, and half a kilobyte.
  std::uint32_t window_datagrams;
  /// Known to the side that sent them. Then what is lost before the first arrival counts, too.
  std::optional<std::uint64_t> first_sequence = std::nullopt;
};

/// Invariants: the two equations at the top; the window has a clear bit for each pending number
/// and no other.
class DatagramSequence {
 public:
  using Options = DatagramSequenceOptions;

  /// 2^40: a gap of more than a day at ten million datagrams a second.
  static constexpr std::uint64_t jump_max = std::uint64_t{1} << 40;

  /// Error::option_invalid for a window that is out of range or no power of two, or a first
  /// number over DatagramHeader::sequence_max.
  [[nodiscard]] static Result<DatagramSequence> create(const Options& options);

  /// Takes a datagram that arrived at `arrival_time`, of whatever clock, always the same. Does not
  /// look at the stream id: the caller found this object by it.
  DatagramArrival receive(const DatagramHeader& header,
                          std::chrono::nanoseconds arrival_time) noexcept {
    const DatagramArrival arrival = count(header.sequence);
    if (is_unique(arrival)) transit_times_.add(header.send_time, arrival_time);
    return arrival;
  }

  /// Gives up on all numbers below `sequence` that have not come: they are lost, and late if they
  /// come after all. The side that sent them passes the number after its last, so that what is
  /// lost at the end counts; or, from time to time, the oldest that is still worth waiting for.
  /// Where neither the first number nor any datagram is known, only what comes later counts.
  void give_up_before(std::uint64_t sequence) noexcept;

  /// Gives up on all numbers that are pending. More datagrams may follow.
  void finish() noexcept { give_up_before(next_); }

  [[nodiscard]] DatagramCounts counts() const noexcept {
    DatagramCounts counts = counts_;
    counts.pending = pending();
    return counts;
  }
  /// Of the unique datagrams.
  [[nodiscard]] const TransitTimes& transit_times() const noexcept { return transit_times_; }

  [[nodiscard]] std::uint64_t first_sequence() const noexcept { return first_; }
  /// The highest number heard of, plus one (NextExp in RFC 4737); the first if there is none.
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_; }

 private:
  explicit DatagramSequence(const Options& options);

  DatagramArrival count(std::uint64_t sequence) noexcept {
    ++counts_.received;
    if (sequence == next_ && sequence <= DatagramHeader::sequence_max) [[likely]] {
      count_next();
      return DatagramArrival::in_order;
    }
    return count_out_of_order(sequence);
  }

  // The bit of the next number is still that of the one that now leaves the window.
  void count_next() noexcept {
    std::uint64_t& word = word_of(next_);
    const std::uint64_t bit = bit_of(next_);
    if ((word & bit) == 0) lose(next_ - window(), 1);
    word |= bit;
    ++next_;
    ++counts_.unique;
  }

  DatagramArrival count_out_of_order(std::uint64_t sequence) noexcept;
  DatagramArrival count_below_next(std::uint64_t sequence) noexcept;
  void skip_to(std::uint64_t sequence) noexcept;
  void lose(std::uint64_t sequence, std::uint64_t count) noexcept;
  void lose_missing(std::uint64_t word, std::uint64_t mask, std::uint64_t sequence) noexcept;
  template <typename Visit>
  void for_each_word(std::uint64_t sequence, std::uint64_t count, const Visit& visit) noexcept;
  void check_invariants() const noexcept;

  // Whether the first number is known. Until then next_ is given_up_before_.
  [[nodiscard]] bool is_begun() const noexcept { return is_first_given_ || next_ != first_; }
  [[nodiscard]] bool is_implausible(std::uint64_t sequence) const noexcept;
  [[nodiscard]] std::uint64_t pending() const noexcept {
    return next_ - first_ - counts_.unique - counts_.lost;
  }
  [[nodiscard]] std::uint64_t window() const noexcept { return window_mask_ + 1; }
  [[nodiscard]] std::uint64_t& word_of(std::uint64_t sequence) noexcept {
    return seen_[(sequence & window_mask_) / 64];
  }
  [[nodiscard]] static std::uint64_t bit_of(std::uint64_t sequence) noexcept {
    return std::uint64_t{1} << sequence % 64;
  }

  // The bit of number n is n modulo the window. Bits that stand for no number of the stream are
  // set: those before the first, so that their leaving the window is no loss.
  std::vector<std::uint64_t> seen_;
  std::uint64_t window_mask_;
  std::uint64_t first_;
  std::uint64_t next_;
  std::uint64_t given_up_before_ = 0;
  std::uint64_t last_burst_end_ = 0;  // the number after the last lost one
  std::uint64_t last_burst_ = 0;
  bool is_first_given_;
  DatagramCounts counts_;  // but for `pending`
  TransitTimes transit_times_;
};

}  // namespace weir::protocols
