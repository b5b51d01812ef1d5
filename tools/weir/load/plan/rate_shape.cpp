#include "tools/weir/load/plan/rate_shape.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "weir/base/assert.h"

namespace weir::tools::load {
namespace {

constexpr long double ns_per_second = 1e9L;

constexpr long double to_ns(std::chrono::nanoseconds time) noexcept {
  return static_cast<long double>(time.count());
}

}  // namespace

RateShape::RateShape(const RateRange& range, std::chrono::nanoseconds duration)
    : RateShape(std::array{RatePoint{.time = {}, .rate = range.first},
                           RatePoint{.time = duration, .rate = range.last}}) {}

RateShape::RateShape(std::span<const RatePoint> points) {
  WEIR_ASSERT(points.size() >= 2);
  WEIR_ASSERT(points.front().time.count() == 0);
  for (std::size_t i = 1; i < points.size(); ++i) add_piece(points[i - 1], points[i]);
  for (const RatePoint& point : points) rate_max_ = std::max(rate_max_, point.rate);
  duration_ = points.back().time;
  WEIR_ASSERT(duration_.count() > 0 && duration_ <= duration_max);
  WEIR_ASSERT(rate_max_ > 0 && rate_max_ <= rate_max_per_second);
}

void RateShape::add_piece(const RatePoint& from, const RatePoint& to) {
  WEIR_ASSERT(from.time <= to.time);
  WEIR_ASSERT(from.rate >= 0 && to.rate >= 0);
  if (from.time == to.time) return;
  const long double rate = from.rate / ns_per_second;
  const long double length_ns = to_ns(to.time - from.time);
  pieces_.push_back({
      .begin_requests = requests_,
      .begin_ns = to_ns(from.time),
      .length_ns = length_ns,
      .rate = rate,
      .slope = (to.rate / ns_per_second - rate) / length_ns,
      .ns_per_request = from.rate == 0 ? 0 : ns_per_second / from.rate,
  });
  requests_ += (static_cast<long double>(from.rate) + to.rate) / 2 * length_ns / ns_per_second;
}

double RateShape::rate_at(std::chrono::nanoseconds time) const noexcept {
  if (time.count() < 0 || time >= duration_) return 0;
  const Piece& piece = piece_at(time);
  const long double rate = piece.rate + piece.slope * (to_ns(time) - piece.begin_ns);
  return static_cast<double>(rate * ns_per_second);
}

double RateShape::requests_by(std::chrono::nanoseconds time) const noexcept {
  if (time.count() <= 0) return 0;
  if (time >= duration_) return requests();
  const Piece& piece = piece_at(time);
  const long double elapsed = to_ns(time) - piece.begin_ns;
  return static_cast<double>(piece.begin_requests +
                             (piece.rate + piece.slope * elapsed / 2) * elapsed);
}

std::chrono::nanoseconds RateShape::time_of(long double requests) const noexcept {
  const auto next = std::ranges::upper_bound(pieces_, requests, {}, &Piece::begin_requests);
  auto piece = static_cast<std::size_t>(next - pieces_.begin());
  if (piece > 0) --piece;
  return time_of(requests, piece);
}

std::chrono::nanoseconds RateShape::time_of(long double requests,
                                            std::size_t& piece) const noexcept {
  if (requests >= requests_) return duration_;
  while (piece + 1 < pieces_.size() && requests >= pieces_[piece + 1].begin_requests) ++piece;
  const Piece& at = pieces_[piece];
  const long double rest = std::max(requests - at.begin_requests, 0.0L);
  long double elapsed = 0;
  if (at.slope == 0) {
    elapsed = rest * at.ns_per_request;
  } else if (rest > 0) {
    // The root of slope/2 t^2 + rate t = rest in the form that subtracts nothing: it holds its
    // digits for a slope near 0 as well. Rounding may push the end of a fall to 0 below it.
    const long double square = at.rate * at.rate + 2 * at.slope * rest;
    elapsed = 2 * rest / (at.rate + std::sqrt(std::max(square, 0.0L)));
  }
  return std::chrono::nanoseconds(std::llrint(at.begin_ns + std::min(elapsed, at.length_ns)));
}

const RateShape::Piece& RateShape::piece_at(std::chrono::nanoseconds time) const noexcept {
  const auto next = std::ranges::upper_bound(pieces_, to_ns(time), {}, &Piece::begin_ns);
  return *(next - 1);
}

}  // namespace weir::tools::load
