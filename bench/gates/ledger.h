// What a server spends between two requests that lie a fixed number of rounds apart.
//
//     rounds     0 ... warm_up_rounds ... warm_up_rounds + counted_rounds
//                      ^ opening balance  ^ closing balance
//
// Both balances are taken on the shard, as the first bytes of a round arrive: between them are
// whole cycles of waking up, receiving, answering and going to sleep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "bench/gates/balance.h"

namespace weir::gates {

/// Enough for every pool, ring and vector to have found its size. The rounds are few because each
/// is like the other: what is to be the same to the last count needs no mean.
inline constexpr std::uint64_t warm_up_rounds = 32;
inline constexpr std::uint64_t counted_rounds = 128;

class Ledger {
 public:
  explicit Ledger(std::size_t round_bytes) noexcept : round_bytes_(round_bytes) {}

  /// Bytes of requests have arrived and are not answered yet. \param fd  the TCP connection whose
  /// segments are counted; -1: none
  void arrive(std::size_t bytes, int fd = -1) noexcept {
    if (arrived_bytes_ == warm_up_rounds * round_bytes_) opening_ = Balance::now(fd);
    if (arrived_bytes_ == (warm_up_rounds + counted_rounds) * round_bytes_) {
      closing_ = Balance::now(fd);
    }
    arrived_bytes_ += bytes;
  }

  /// By the counted rounds. None if they did not arrive one after the other.
  [[nodiscard]] std::optional<Balance> spent() const noexcept {
    if (!opening_ || !closing_) return std::nullopt;
    return *closing_ - *opening_;
  }

 private:
  std::size_t round_bytes_;
  std::uint64_t arrived_bytes_ = 0;
  std::optional<Balance> opening_;
  std::optional<Balance> closing_;
};

}  // namespace weir::gates
