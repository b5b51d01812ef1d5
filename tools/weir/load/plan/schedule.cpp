#include "tools/weir/load/plan/schedule.h"

#include <algorithm>
#include <utility>

#include "weir/base/assert.h"

namespace weir::tools::load {

Schedule::Schedule(RateShape shape, const Arrival& arrival, std::uint64_t seed,
                   const SchedulePart& part, const ScheduleLimits& limits)
    : source_(Shaped{.shape = std::move(shape), .arrivals = ArrivalProcess(arrival, seed)}),
      part_(part),
      limits_(limits),
      number_(part.part) {
  WEIR_ASSERT(part.part < part.parts);
  limits_.duration = std::min(limits.duration, std::get<Shaped>(source_).shape.duration());
}

Schedule::Schedule(ReplayTrace trace, const SchedulePart& part, const ScheduleLimits& limits)
    : source_(std::move(trace)), part_(part), limits_(limits), number_(part.part) {
  WEIR_ASSERT(part.part < part.parts);
}

std::optional<Due> Schedule::next() {
  if (is_ended_ || number_ >= limits_.requests) return std::nullopt;
  // The others' requests before ours, and ours.
  const std::uint64_t draws = number_ + 1 - std::exchange(drawn_, number_ + 1);
  Shaped* const shaped = std::get_if<Shaped>(&source_);
  const auto due = shaped != nullptr ? next_shaped(*shaped, draws)
                                     : next_recorded(std::get<ReplayTrace>(source_), draws);
  number_ += part_.parts;
  return due;
}

std::optional<Due> Schedule::next_shaped(Shaped& shaped, std::uint64_t draws) {
  ArrivalPosition position;
  for (std::uint64_t i = 0; i < draws; ++i) position = shaped.arrivals.next();
  const auto time = shaped.shape.time_of(position.requests(), shaped.piece);
  if (time >= limits_.duration) return end();
  // On a ramp, positions closer than the precision of their times may come out in either order.
  last_time_ = std::max(last_time_, time);
  return Due{.time = last_time_, .number = number_, .payload_bytes = std::nullopt};
}

std::optional<Due> Schedule::next_recorded(ReplayTrace& trace, std::uint64_t draws) {
  std::optional<TraceEntry> entry;
  for (std::uint64_t i = 0; i < draws; ++i) {
    auto read = trace.next();
    if (!read) error_ = std::move(read.error());
    if (error_ || !*read) return end();
    entry = *read;
  }
  if (entry->time >= limits_.duration) return end();
  return Due{.time = entry->time, .number = number_, .payload_bytes = entry->payload_bytes};
}

std::optional<Due> Schedule::end() noexcept {
  is_ended_ = true;
  return std::nullopt;
}

}  // namespace weir::tools::load
