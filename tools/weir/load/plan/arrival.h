// Arrival: how requests are spread at one rate, and ArrivalProcess, which draws them.
//
// Positions are in requests, not in time: on average the next one is 1 further. A request is due
// when the load's shape has offered as many requests as its position says (`RateShape::time_of`).
// That is exact for any shape: Poisson arrivals stay Poisson when time is stretched this way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/plan/seeded_random.h"

namespace weir::tools::load {

struct Arrival {
  enum class Kind : std::uint8_t {
    poisson,  ///< each independent of the others, as many users are
    uniform,  ///< gaps uniform between 0 and 2
    fixed,    ///< gaps of exactly 1; the first request at 0
    burst,    ///< burst_requests at once, then nothing for as many; the first at 0
  };

  Kind kind = Kind::poisson;
  std::uint64_t burst_requests = 1;  ///< of `burst`

  bool operator==(const Arrival&) const = default;
};

inline constexpr std::uint64_t burst_requests_max = 1'000'000;

/// Reads `poisson`, `uniform`, `fixed` or `burst:N`.
[[nodiscard]] Checked<Arrival> parse_arrival(std::string_view text);

/// As `parse_arrival` reads it.
[[nodiscard]] std::string to_string(const Arrival& arrival);

/// The coefficient of variation of the gaps at a constant rate: 1 for Poisson. Of a whole schedule;
/// the gaps of one of n parts are sums of n, so theirs is smaller by sqrt(n) (except for bursts).
[[nodiscard]] double gap_variation(const Arrival& arrival) noexcept;

/// A place in the sequence of requests, in fixed point: after days at a high rate a double could
/// not tell neighbours apart, and integers are the same everywhere.
struct ArrivalPosition {
  static constexpr int fraction_bits = 56;

  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;  ///< in 2^-fraction_bits requests

  bool operator==(const ArrivalPosition&) const = default;

  /// Exact but for the last bits of the fraction: `long double` has 64 bits on x86-64.
  [[nodiscard]] long double requests() const noexcept {
    return static_cast<long double>(whole) + static_cast<long double>(fraction) * 0x1p-56L;
  }
};

/// Invariant: position_.fraction < 2^fraction_bits
class ArrivalProcess {
 public:
  ArrivalProcess(const Arrival& arrival, std::uint64_t seed) noexcept
      : arrival_(arrival), random_(seed) {}

  /// The position of the next request, not before that of the last.
  ArrivalPosition next() noexcept;

 private:
  void advance(std::uint64_t gap) noexcept;

  Arrival arrival_;
  SeededRandom random_;
  ArrivalPosition position_;
  std::uint64_t drawn_ = 0;
};

/// A sample of the exponential distribution of mean 1, in 2^-ArrivalPosition::fraction_bits.
[[nodiscard]] std::uint64_t draw_exponential(SeededRandom& random) noexcept;

}  // namespace weir::tools::load
