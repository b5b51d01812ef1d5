#include "tools/weir/load/engine/make_schedule.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::tools::load {
namespace {

/// A seed of its own, so that the measured schedule does not depend on how long the warm-up was.
constexpr std::uint64_t warm_up_seed = 0x9e3779b97f4a7c15;
constexpr std::chrono::nanoseconds warm_up_schedule_length = std::chrono::hours(24);
/// A shape that begins at nothing warms up at this share of its highest rate.
constexpr double rate_share_min = 0.01;

}  // namespace

Checked<Schedule> make_schedule(const Options& options, const SchedulePart& part) {
  const OpenLoad& open = *options.open;
  const ScheduleLimits limits{.duration = options.duration,
                              .requests = options.requests_max.value_or(UINT64_MAX)};
  if (!open.trace_path) return Schedule(open.shape, open.arrival, options.seed, part, limits);
  auto trace = ReplayTrace::open(*open.trace_path);
  if (!trace) return std::unexpected(trace.error());
  return Schedule(*std::move(trace), part, limits);
}

Schedule make_warm_up_schedule(const Options& options, const SchedulePart& part) {
  const OpenLoad& open = *options.open;
  const double rate = std::max(open.shape.rate_at({}), rate_share_min * open.shape.rate_max());
  const RateRange range = {.first = rate, .last = rate};
  return Schedule(RateShape(range, warm_up_schedule_length), open.arrival,
                  options.seed ^ warm_up_seed, part);
}

}  // namespace weir::tools::load
