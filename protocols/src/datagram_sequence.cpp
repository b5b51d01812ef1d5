#include "weir/protocols/datagram_sequence.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>

#include "weir/base/assert.h"

namespace weir::protocols {
namespace {

constexpr std::uint32_t window_datagrams_min = 64;  // one word
constexpr std::uint32_t window_datagrams_max = std::uint32_t{1} << 24;

constexpr std::uint64_t all_seen = UINT64_MAX;

}  // namespace

DatagramCounts& DatagramCounts::operator+=(const DatagramCounts& other) noexcept {
  received += other.received;
  unique += other.unique;
  duplicates += other.duplicates;
  late += other.late;
  implausible += other.implausible;
  lost += other.lost;
  pending += other.pending;
  reordered += other.reordered;
  reordering_distance_max = std::max(reordering_distance_max, other.reordering_distance_max);
  loss_bursts += other.loss_bursts;
  loss_burst_max = std::max(loss_burst_max, other.loss_burst_max);
  return *this;
}

Result<DatagramSequence> DatagramSequence::create(const Options& options) {
  const std::uint32_t window = options.window_datagrams;
  const bool is_window_valid = std::has_single_bit(window) && window >= window_datagrams_min &&
                               window <= window_datagrams_max;
  const bool is_first_valid = options.first_sequence.value_or(0) <= DatagramHeader::sequence_max;
  if (!is_window_valid || !is_first_valid) return fail(Error::option_invalid);
  return DatagramSequence(options);
}

DatagramSequence::DatagramSequence(const Options& options)
    : seen_(options.window_datagrams / 64, all_seen),
      window_mask_(options.window_datagrams - 1),
      first_(options.first_sequence.value_or(0)),
      next_(first_),
      is_first_given_(options.first_sequence.has_value()) {}

// Calls `visit(word, mask, number of the word's lowest bit)` for the words that hold the bits of
// `count` numbers from `sequence` on, upwards; at most a window of them.
template <typename Visit>
void DatagramSequence::for_each_word(std::uint64_t sequence, std::uint64_t count,
                                     const Visit& visit) noexcept {
  WEIR_ASSERT(count <= window());
  while (count > 0) {
    const std::uint64_t offset = sequence % 64;
    const std::uint64_t bits = std::min(64 - offset, count);
    visit(word_of(sequence), UINT64_MAX >> (64 - bits) << offset, sequence - offset);
    sequence += bits;
    count -= bits;
  }
}

// Numbers are lost in ascending order, so a burst goes on only where the last one ended.
void DatagramSequence::lose(std::uint64_t sequence, std::uint64_t count) noexcept {
  if (count == 0) return;
  const bool goes_on = counts_.loss_bursts != 0 && sequence == last_burst_end_;
  if (!goes_on) {
    ++counts_.loss_bursts;
    last_burst_ = 0;
  }
  last_burst_ += count;
  last_burst_end_ = sequence + count;
  counts_.lost += count;
  counts_.loss_burst_max = std::max(counts_.loss_burst_max, last_burst_);
}

// Loses the numbers whose bits of `mask` are clear in `word`, a run at a time. `sequence` is the
// number of the lowest bit.
void DatagramSequence::lose_missing(std::uint64_t word, std::uint64_t mask,
                                    std::uint64_t sequence) noexcept {
  std::uint64_t missing = ~word & mask;
  while (missing != 0) {
    const auto from = static_cast<unsigned>(std::countr_zero(missing));
    lose(sequence + from, static_cast<std::uint64_t>(std::countr_one(missing >> from)));
    missing &= missing + (std::uint64_t{1} << from);  // the carry clears the lowest run
  }
}

// All numbers from the next one up to `sequence` become pending, and push others out of the window.
void DatagramSequence::skip_to(std::uint64_t sequence) noexcept {
  const std::uint64_t skipped = sequence - next_;
  if (skipped <= window()) {
    for_each_word(next_, skipped,
                  [&](std::uint64_t& word, std::uint64_t mask, std::uint64_t word_sequence) {
                    lose_missing(word, mask, word_sequence - window());
                    word &= ~mask;
                  });
  } else {
    for_each_word(next_ - window(), window(),
                  [&](std::uint64_t word, std::uint64_t mask, std::uint64_t word_sequence) {
                    lose_missing(word, mask, word_sequence);
                  });
    lose(next_, skipped - window());
    std::ranges::fill(seen_, 0);
  }
  next_ = sequence;
}

bool DatagramSequence::is_implausible(std::uint64_t sequence) const noexcept {
  if (sequence > DatagramHeader::sequence_max) return true;
  if (is_first_given_ && sequence < first_) return true;
  return is_begun() && sequence > next_ && sequence - next_ > jump_max;
}

DatagramArrival DatagramSequence::count_out_of_order(std::uint64_t sequence) noexcept {
  DatagramArrival arrival = DatagramArrival::implausible;
  if (is_implausible(sequence)) {
    ++counts_.implausible;
  } else if (sequence < next_) {
    arrival = count_below_next(sequence);
  } else if (is_begun()) {
    skip_to(sequence);
    count_next();
    arrival = DatagramArrival::after_gap;
  } else {
    first_ = next_ = sequence;
    count_next();
    arrival = DatagramArrival::in_order;
  }
  check_invariants();
  return arrival;
}

DatagramArrival DatagramSequence::count_below_next(std::uint64_t sequence) noexcept {
  if (sequence < given_up_before_ || next_ - sequence > window()) {
    ++counts_.late;
    return DatagramArrival::late;
  }
  if (sequence < first_) {
    // The stream began earlier than it seemed. What lies between is missing.
    for_each_word(
        sequence, first_ - sequence,
        [](std::uint64_t& word, std::uint64_t mask, std::uint64_t /*sequence*/) { word &= ~mask; });
    first_ = sequence;
  } else if ((word_of(sequence) & bit_of(sequence)) != 0) {
    ++counts_.duplicates;
    return DatagramArrival::duplicate;
  }
  word_of(sequence) |= bit_of(sequence);
  ++counts_.unique;
  ++counts_.reordered;
  counts_.reordering_distance_max = std::max(counts_.reordering_distance_max, next_ - 1 - sequence);
  return DatagramArrival::reordered;
}

void DatagramSequence::give_up_before(std::uint64_t sequence) noexcept {
  if (sequence <= given_up_before_) return;
  if (!is_begun()) {
    first_ = next_ = sequence;
  } else if (sequence > next_) {
    skip_to(sequence);
  }
  const std::uint64_t window_begin = next_ - std::min(next_, window());
  const std::uint64_t from = std::max(given_up_before_, window_begin);
  if (from < sequence) {
    for_each_word(from, sequence - from,
                  [&](std::uint64_t& word, std::uint64_t mask, std::uint64_t word_sequence) {
                    lose_missing(word, mask, word_sequence);
                    word |= mask;
                  });
  }
  given_up_before_ = sequence;
  check_invariants();
}

void DatagramSequence::check_invariants() const noexcept {
  WEIR_ASSERT(first_ <= next_);
  WEIR_ASSERT(counts_.received ==
              counts_.unique + counts_.duplicates + counts_.late + counts_.implausible);
  WEIR_ASSERT(counts_.unique + counts_.lost <= next_ - first_);
  WEIR_ASSERT(counts_.reordered <= counts_.unique);
  WEIR_ASSERT(counts_.loss_burst_max <= counts_.lost);
  WEIR_ASSERT(counts_.loss_bursts <= counts_.lost);
  WEIR_ASSERT_SLOW(pending() ==
                   std::transform_reduce(seen_.begin(), seen_.end(), std::uint64_t{0},
                                         std::plus<>(), [](std::uint64_t word) {
                                           return static_cast<std::uint64_t>(std::popcount(~word));
                                         }));
}

}  // namespace weir::protocols
