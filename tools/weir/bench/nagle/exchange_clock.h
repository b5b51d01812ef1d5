// Times the exchanges of a cell: when each began, how long it took, which were the first.
#pragma once

#include <cstdint>
#include <deque>

#include "tools/weir/bench/nagle/cell.h"

namespace weir::tools::bench {

class ExchangeClock {
 public:
  explicit ExchangeClock(SenderCounts& counts) noexcept : counts_(counts) {}

  void begin(std::int64_t now) { begun_.push_back(now); }
  /// The answer to the oldest is whole.
  void end(std::int64_t now) {
    const auto took = static_cast<std::uint64_t>(now - begun_.front());
    begun_.pop_front();
    if (ended_++ < first_exchanges) {
      counts_.first_exchanges.record(took);
      return;
    }
    counts_.exchanges.record(took);
    if (took > static_cast<std::uint64_t>(std::chrono::nanoseconds(stall_min).count())) {
      ++counts_.stalls;
    }
  }
  [[nodiscard]] std::size_t under_way() const noexcept { return begun_.size(); }

 private:
  SenderCounts& counts_;
  std::deque<std::int64_t> begun_;
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
