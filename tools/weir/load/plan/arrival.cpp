#include "tools/weir/load/plan/arrival.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <numbers>

#include <fmt/format.h>

#include "tools/weir/common/count.h"

namespace weir::tools::load {
namespace {

__extension__ using Product = unsigned __int128;

constexpr int fraction_bits = ArrivalPosition::fraction_bits;
constexpr std::string_view burst_prefix = "burst:";

/// ln 2 in 2^-64.
constexpr std::uint64_t ln2 = 0xb17217f7d1cf79ab;

constexpr std::uint64_t times_ln2(std::uint64_t fraction) noexcept {
  return static_cast<std::uint64_t>(Product{fraction} * ln2 >> 64);
}

/// How many numbers to take the least of, as a distribution: entry k is the sum of the first k + 1
/// terms of e^(ln 2) - 1 = 1, that is ln2 + ln2^2/2! + ..., in 2^-64. It stops where the next term
/// is below 2^-64.
constexpr auto least_of_thresholds = [] {
  std::array<std::uint64_t, 20> sums{};
  std::uint64_t term = ln2;
  std::uint64_t sum = 0;
  for (std::size_t k = 0; k < sums.size(); ++k) {
    sum += term;
    sums[k] = sum;
    term = times_ln2(term) / (k + 2);
  }
  return sums;
}();
static_assert(least_of_thresholds.back() > UINT64_MAX - 64);

}  // namespace

// Knuth, The Art of Computer Programming, volume 2, section 3.4.1, algorithm S (von Neumann's idea
// by way of Marsaglia): the number of halvings is geometric, what remains within one is the least
// of a random count of uniform numbers. Comparisons and one product, no logarithm: libm's may
// differ in the last bit from one processor to the next, and then parts of a load on different
// machines would disagree.
std::uint64_t draw_exponential(SeededRandom& random) noexcept {
  // One bit in 2^62 would leave no bits for the rest.
  const std::uint64_t bits = random.next();
  const int halvings = std::min(std::countl_one(bits), 62);
  const std::uint64_t rest = bits << (halvings + 1);
  const std::uint64_t base = static_cast<std::uint64_t>(halvings) * (ln2 >> (64 - fraction_bits));
  if (rest < ln2) return base + (rest >> (64 - fraction_bits));

  std::uint64_t least = std::min(random.next(), random.next());
  for (std::size_t k = 1; k + 1 < least_of_thresholds.size(); ++k) {
    if (rest < least_of_thresholds[k]) break;
    least = std::min(least, random.next());
  }
  return base + (times_ln2(least) >> (64 - fraction_bits));
}

Checked<Arrival> parse_arrival(std::string_view text) {
  if (text == "poisson") return Arrival{.kind = Arrival::Kind::poisson};
  if (text == "uniform") return Arrival{.kind = Arrival::Kind::uniform};
  if (text == "fixed") return Arrival{.kind = Arrival::Kind::fixed};
  if (!text.starts_with(burst_prefix)) {
    return usage_error(
        fmt::format("\"{}\" is not an arrival; use poisson, uniform, fixed or burst:N", text));
  }
  const auto requests =
      parse_count(text.substr(burst_prefix.size()), {.min = 1, .max = burst_requests_max});
  if (!requests) {
    return usage_error(
        fmt::format("\"{}\": {} (requests in a burst)", text, requests.error().message));
  }
  return Arrival{.kind = Arrival::Kind::burst, .burst_requests = *requests};
}

std::string to_string(const Arrival& arrival) {
  switch (arrival.kind) {
    case Arrival::Kind::poisson:
      return "poisson";
    case Arrival::Kind::uniform:
      return "uniform";
    case Arrival::Kind::fixed:
      return "fixed";
    case Arrival::Kind::burst:
      return fmt::format("{}{}", burst_prefix, arrival.burst_requests);
  }
  return {};
}

double gap_variation(const Arrival& arrival) noexcept {
  switch (arrival.kind) {
    case Arrival::Kind::poisson:
      return 1;
    case Arrival::Kind::uniform:
      return 1 / std::numbers::sqrt3;
    case Arrival::Kind::fixed:
      return 0;
    case Arrival::Kind::burst:
      return std::sqrt(static_cast<double>(arrival.burst_requests) - 1);
  }
  return 0;
}

ArrivalPosition ArrivalProcess::next() noexcept {
  switch (arrival_.kind) {
    case Arrival::Kind::poisson:
      advance(draw_exponential(random_));
      break;
    // From 0 to 2 in 2^-56: 57 bits.
    case Arrival::Kind::uniform:
      advance(random_.next() >> (63 - fraction_bits));
      break;
    case Arrival::Kind::fixed:
      position_.whole = drawn_;
      break;
    case Arrival::Kind::burst:
      position_.whole = drawn_ - drawn_ % arrival_.burst_requests;
      break;
  }
  ++drawn_;
  return position_;
}

void ArrivalProcess::advance(std::uint64_t gap) noexcept {
  // A gap is below 2^6 requests, so the sum does not wrap.
  const std::uint64_t sum = position_.fraction + gap;
  position_.whole += sum >> fraction_bits;
  position_.fraction = sum & ((std::uint64_t{1} << fraction_bits) - 1);
}

}  // namespace weir::tools::load
