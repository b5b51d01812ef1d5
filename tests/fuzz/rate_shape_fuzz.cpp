// Properties of a shape file, and of steps: an error that says where and what, or a shape whose
// times never decrease, stay within it, and agree with its counts.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "tools/weir/load/plan/rate_shape_text.h"

namespace rate_shape_fuzz {
namespace {

using std::chrono::nanoseconds;
using weir::test::require;
using weir::tools::load::RateShape;

void check_shape(const RateShape& shape) {
  constexpr int steps = 64;
  const double requests = shape.requests();
  require(requests >= 0 && shape.rate_max() > 0);
  require(shape.duration().count() > 0 && shape.duration() <= RateShape::duration_max);
  require(shape.time_of(requests * 1.01 + 1) == shape.duration());
  nanoseconds last{0};
  double counted = 0;
  for (int i = 0; i < steps; ++i) {
    const long double wanted = static_cast<long double>(requests) * i / steps;
    const nanoseconds time = shape.time_of(wanted);
    require(time >= last && time <= shape.duration());
    last = time;
    // A nanosecond either way at the highest rate, and the digits of a double.
    const double slack = shape.rate_max() * 2e-9 + requests * 1e-12;
    const double by = shape.requests_by(time);
    require(by >= static_cast<double>(wanted) - slack);
    require(by <= static_cast<double>(wanted) + slack);
    require(by >= counted - slack);
    counted = by;
    const double rate = shape.rate_at(time);
    require(rate >= -shape.rate_max() * 1e-12 && rate <= shape.rate_max() * (1 + 1e-12));
  }
}

void check_points(std::string_view text) {
  const auto shape = weir::tools::load::parse_rate_points(text, "f");
  if (shape) {
    check_shape(*shape);
  } else {
    require(shape.error().message.starts_with("f:"));
  }
}

void check_steps(std::string_view text) {
  const auto shape = weir::tools::load::parse_rate_steps(text);
  if (shape) {
    check_shape(*shape);
  } else {
    require(!shape.error().message.empty());
  }
}

}  // namespace

WEIR_FUZZ_TARGET(rate_shape)(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check_points(text);
  check_steps(text);
  return 0;
}

}  // namespace rate_shape_fuzz
