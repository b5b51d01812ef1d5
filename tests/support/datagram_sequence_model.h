// What DatagramSequence must say, by remembering every number: slow, unbounded, and with no bit in
// common with it. All that can be worked out afterwards is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "weir/protocols/datagram_sequence.h"

namespace weir::test {

class DatagramSequenceModel {
 public:
  using Arrival = protocols::DatagramArrival;
  using Counts = protocols::DatagramCounts;

  explicit DatagramSequenceModel(const protocols::DatagramSequenceOptions& options)
      : window_(options.window_datagrams),
        given_first_(options.first_sequence),
        next_(options.first_sequence) {}

  Arrival receive(std::uint64_t sequence) {
    const Arrival arrival = judge(sequence);
    ++arrivals_[arrival];
    if (!is_unique(arrival)) return arrival;
    if (arrival == Arrival::reordered)
      distance_max_ = std::max(distance_max_, *next_ - 1 - sequence);
    seen_[sequence] = true;
    next_ = std::max(next_.value_or(0), sequence + 1);
    return arrival;
  }

  void give_up_before(std::uint64_t sequence) {
    given_up_before_ = std::max(given_up_before_, sequence);
    if (next_) next_ = std::max(*next_, sequence);
  }

  [[nodiscard]] Counts counts() const {
    Counts counts{.unique = seen_.size(),
                  .duplicates = arrivals(Arrival::duplicate),
                  .late = arrivals(Arrival::late),
                  .implausible = arrivals(Arrival::implausible),
                  .reordered = arrivals(Arrival::reordered),
                  .reordering_distance_max = distance_max_};
    for (const auto& [arrival, count] : arrivals_) counts.received += count;
    if (!next_) return counts;
    std::uint64_t cursor = given_first_.value_or(seen_.empty() ? *next_ : seen_.begin()->first);
    for (const auto& [sequence, is_seen] : seen_) {
      add_gap(cursor, sequence, counts);
      cursor = sequence + 1;
    }
    add_gap(cursor, *next_, counts);
    return counts;
  }

  [[nodiscard]] std::uint64_t next() const { return next_.value_or(0); }

 private:
  [[nodiscard]] Arrival judge(std::uint64_t sequence) const {
    if (sequence == UINT64_MAX) return Arrival::implausible;
    if (!next_) return sequence < given_up_before_ ? Arrival::late : Arrival::in_order;
    if (given_first_ && sequence < *given_first_) return Arrival::implausible;
    if (sequence == *next_) return Arrival::in_order;
    if (sequence > *next_) {
      const bool is_far = sequence - *next_ > std::uint64_t{1} << 40;
      return is_far ? Arrival::implausible : Arrival::after_gap;
    }
    if (sequence < decided_before()) return Arrival::late;
    return seen_.contains(sequence) ? Arrival::duplicate : Arrival::reordered;
  }

  [[nodiscard]] std::uint64_t decided_before() const {
    return std::max(given_up_before_, *next_ > window_ ? *next_ - window_ : 0);
  }

  // The numbers from `begin` to `end` are missing.
  void add_gap(std::uint64_t begin, std::uint64_t end, Counts& counts) const {
    const std::uint64_t border = std::clamp(decided_before(), begin, end);
    counts.lost += border - begin;
    counts.pending += end - border;
    counts.loss_bursts += border > begin ? 1 : 0;
    counts.loss_burst_max = std::max(counts.loss_burst_max, border - begin);
  }

  [[nodiscard]] std::uint64_t arrivals(Arrival arrival) const {
    const auto found = arrivals_.find(arrival);
    return found == arrivals_.end() ? 0 : found->second;
  }

  std::uint64_t window_;
  std::optional<std::uint64_t> given_first_;
  std::optional<std::uint64_t> next_;  // none before the first, where that is not given
  std::uint64_t given_up_before_ = 0;
  std::uint64_t distance_max_ = 0;
  std::map<std::uint64_t, bool> seen_;
  std::map<Arrival, std::uint64_t> arrivals_;
};

}  // namespace weir::test
