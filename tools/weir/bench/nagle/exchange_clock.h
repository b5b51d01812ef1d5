// Times the exchanges of a cell: when each began, how long it took, which were the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "tools/weir/bench/nagle/cell.h"

namespace weir::tools::bench {

class ExchangeClock {
 public:
  ExchangeClock(const CellSpec& spec, SenderCounts& counts) noexcept
      : answer_bytes_(spec.answer_bytes),
        exchanges_apart_(spec.exchanges_apart),
        stall_limit_ns_(static_cast<std::uint64_t>(spec.stall_limit.count())),
        counts_(counts) {}

  void begin(std::int64_t now) { begun_.push_back(now); }
  /// Bytes of answers that came at `now`, however they are cut.
  /// \returns  false if nobody asked for so many
  [[nodiscard]] bool take_answers(std::size_t bytes, std::int64_t now) {
    for (unread_ += bytes; unread_ >= answer_bytes_; unread_ -= answer_bytes_) {
      if (begun_.empty()) return false;
      end_oldest(now);
    }
    return true;
  }
  [[nodiscard]] std::size_t under_way() const noexcept { return begun_.size(); }

 private:
  void end_oldest(std::int64_t now) {
    const auto took = static_cast<std::uint64_t>(now - begun_.front());
    begun_.pop_front();
    if (ended_++ < exchanges_apart_) {
      counts_.first_exchanges.record(took);
      return;
    }
    counts_.exchanges.record(took);
    counts_.stalls += took > stall_limit_ns_ ? 1 : 0;
  }

  std::size_t answer_bytes_;
  unsigned exchanges_apart_;
  std::uint64_t stall_limit_ns_;
  SenderCounts& counts_;
  std::deque<std::int64_t> begun_;  ///< when, of those under way; at most the cell's depth
  std::size_t unread_ = 0;          ///< bytes behind the last whole answer
  std::uint64_t ended_ = 0;
};

/// Whether a cell is to begin another message.
class SendBudget {
 public:
  SendBudget(const CellSpec& spec, std::int64_t now) noexcept
      : spec_(spec), end_(now + spec.duration.count()) {}

  [[nodiscard]] bool take(std::int64_t now) noexcept {
    if (taken_ >= spec_.messages_max) return false;
    if (now >= end_ && taken_ >= spec_.messages_min) return false;
    ++taken_;
    return true;
  }

 private:
  const CellSpec& spec_;
  std::int64_t end_;
  std::uint64_t taken_ = 0;
};

}  // namespace weir::tools::bench
